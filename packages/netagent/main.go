// netagent: runs in a pod's network namespace (as an ephemeral container with NET_ADMIN) and disturbs traffic
// to named peers. It writes one nftables table per impairment and touches no other. Every fault depends on
// set elements with a kernel timeout: without a renewal the kernel ends it, whether this program runs or not.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	version = "netagent 1"
	usage   = "usage: netagent serve [-idle D] | apply JSON | renew JSON | undo ID | state | dial HOST:PORT D | hold HOST:PORT... | held | tasks [-every D] [-for D] | -v"
)

func main() {
	if len(os.Args) < 2 {
		fail(errors.New(usage), 2)
	}
	switch verb := os.Args[1]; {
	case verb == "-v":
		fmt.Println(version)
	case verb == "serve":
		serve(os.Args[2:])
	case verb == "state" && len(os.Args) == 2:
		answer(readState())
	case verb == "apply" && len(os.Args) == 3:
		withRequest(apply)
	case verb == "renew" && len(os.Args) == 3:
		withRequest(renew)
	case verb == "undo" && len(os.Args) == 3:
		answer(undo(os.Args[2]))
	case verb == "dial" && len(os.Args) == 4:
		answer(dial(os.Args[2], os.Args[3]))
	case verb == "hold" && len(os.Args) > 2, verb == "held" && len(os.Args) == 2:
		answer(askHolder(os.Args[2:]))
	case verb == "tasks":
		if err := tasks(os.Args[2:]); err != nil {
			fail(err, 1)
		}
	default:
		fail(errors.New(usage), 2)
	}
}

func withRequest[T any](act func(request) (T, error)) {
	asked, err := parseRequest(os.Args[2])
	if err != nil {
		fail(err, 2)
	}
	answer(act(asked))
}

func answer[T any](value T, err error) {
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(value)
	}
	if err != nil {
		fail(err, 1)
	}
}

func fail(err error, code int) {
	fmt.Fprintln(os.Stderr, "netagent: "+err.Error())
	os.Exit(code)
}

// Ends by itself after `idle` without a table of ours and without a held connection. It deletes tables whose
// elements have all expired and that therefore have no effect. Without NET_ADMIN there can be no table of
// ours.
func serve(args []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	idle := flags.Duration("idle", 2*time.Minute, "time without a table of ours after which it ends")
	_ = flags.Parse(args)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	kept := newHolder(time.Now)
	go kept.listen()
	wait := idleWait{idle: *idle, last: time.Now()}
	for !wait.isOver(time.Now()) {
		select {
		case <-signals:
			return
		case <-time.After(time.Second):
		}
		left, err := sweep()
		wait.saw(left, err, kept.sweep(), time.Now())
	}
}

// idleWait is over after `idle` in which there was neither a table of ours nor a held connection.
type idleWait struct {
	idle time.Duration
	last time.Time
}

func (w *idleWait) isOver(now time.Time) bool { return now.Sub(w.last) >= w.idle }

// An error leaves open whether there is a table, so the wait begins again; without NET_ADMIN there can be none.
func (w *idleWait) saw(tables int, err error, connections int, now time.Time) {
	if (err != nil && !errors.Is(err, unix.EPERM)) || tables > 0 || connections > 0 {
		w.last = now
	}
}

type dialled struct {
	Ok      bool    `json:"ok"`
	TookMs  float64 `json:"tookMs"`
	Outcome string  `json:"outcome"`
}

func dial(address, deadline string) (dialled, error) {
	limit, err := time.ParseDuration(deadline)
	if err != nil {
		return dialled{}, err
	}
	started := time.Now()
	connection, err := net.DialTimeout("tcp", address, limit)
	took := float64(time.Since(started).Microseconds()) / 1000
	if err != nil {
		return dialled{false, took, err.Error()}, nil
	}
	_ = connection.Close()
	return dialled{true, took, "connected"}, nil
}
