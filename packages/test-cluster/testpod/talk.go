package main

// Two ends of TCP traffic: `serve -echo` returns what it receives; `talk` reports what a client sees on one
// held connection, on new ones, and on one that sends as much as it can.

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

func echo(port int) error {
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			_, _ = io.Copy(connection, connection)
		}()
	}
}

type seen struct {
	// ok, timeout, reset, refused or other
	Outcome string  `json:"outcome"`
	AtMs    int64   `json:"atMs"`
	TookMs  float64 `json:"tookMs"`
	Good    int     `json:"good"`
	Bad     int     `json:"bad"`
	// Outcome of the last exchange that was not ok.
	LastBad string `json:"lastBad"`
}

type talker struct {
	lock  sync.Mutex
	to    string
	wait  time.Duration
	Held  seen  `json:"held"`
	Fresh seen  `json:"fresh"`
	Bulk  int64 `json:"bulkBytes"`
}

func talk(args []string) error {
	flags := flag.NewFlagSet("talk", flag.ExitOnError)
	port := flags.Int("port", 8080, "port of the HTTP server that reports the observations")
	to := flags.String("to", "", "host:port of an echo")
	every := flags.Duration("every", 50*time.Millisecond, "time between two exchanges")
	wait := flags.Duration("wait", 300*time.Millisecond, "deadline of an exchange")
	bulk := flags.Bool("bulk", false, "also sends as much as it can")
	silent := flags.Bool("silent", false, "sends nothing at all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := &talker{to: *to, wait: *wait}
	if !*silent {
		go t.held(*every)
		go t.fresh(*every)
	}
	if *bulk {
		go t.bulk()
	}
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		t.lock.Lock()
		defer t.lock.Unlock()
		_ = json.NewEncoder(answer).Encode(t)
	})
	return http.ListenAndServe(fmt.Sprintf(":%d", *port), nil)
}

// A connection is kept while it can be used, also after a timeout, as by a client that waits for a
// retransmission.
func (t *talker) held(every time.Duration) {
	var connection net.Conn
	for ; ; time.Sleep(every) {
		started := time.Now()
		var err error
		if connection == nil {
			connection, err = net.DialTimeout("tcp", t.to, t.wait)
		}
		if err == nil {
			err = exchange(connection, t.wait)
		}
		t.note(&t.Held, started, err)
		if outcome := outcomeOf(err); connection != nil && outcome != "ok" && outcome != "timeout" {
			_ = connection.Close()
			connection = nil
		}
	}
}

func (t *talker) fresh(every time.Duration) {
	for ; ; time.Sleep(every) {
		started := time.Now()
		connection, err := net.DialTimeout("tcp", t.to, t.wait)
		if err == nil {
			err = exchange(connection, t.wait)
			_ = connection.Close()
		}
		t.note(&t.Fresh, started, err)
	}
}

func exchange(connection net.Conn, wait time.Duration) error {
	_ = connection.SetDeadline(time.Now().Add(wait))
	if _, err := connection.Write([]byte("hello, echo\n")); err != nil {
		return err
	}
	_, err := io.ReadAtLeast(connection, make([]byte, 4096), 1)
	return err
}

func (t *talker) bulk() {
	for ; ; time.Sleep(200 * time.Millisecond) {
		connection, err := net.DialTimeout("tcp", t.to, t.wait)
		if err != nil {
			continue
		}
		go func() {
			chunk := make([]byte, 16*1024)
			for {
				if _, err := connection.Write(chunk); err != nil {
					return
				}
				// 16 MB/s at most, because other processes share the machine.
				time.Sleep(time.Millisecond)
			}
		}()
		buffer := make([]byte, 64*1024)
		for {
			count, err := connection.Read(buffer)
			t.lock.Lock()
			t.Bulk += int64(count)
			t.lock.Unlock()
			if err != nil {
				break
			}
		}
		_ = connection.Close()
	}
}

func (t *talker) note(what *seen, started time.Time, err error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	what.Outcome = outcomeOf(err)
	what.AtMs = time.Now().UnixMilli()
	what.TookMs = float64(time.Since(started).Microseconds()) / 1000
	if err == nil {
		what.Good++
		return
	}
	what.Bad++
	what.LastBad = what.Outcome
}

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNABORTED), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF):
		return "reset"
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return "timeout"
	}
	return "other"
}
