package main

// TCP connections that are opened before a fault and kept open through it. Nothing is ever written to them:
// the kernel sends a keepalive every second, so no server receives a byte that it did not expect. `serve`
// keeps them, because a command in a container ends with its answer. It takes requests on a Unix socket
// without a file, because the root file system is read-only.

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	askEvery = time.Second
	// The maximum of Linux (MAX_TCP_KEEPCNT): after so many seconds without an answer the kernel closes the
	// connection.
	askCount = 127
	// Longer than the interval between two renewals of a lease; after it the connections close without any
	// caller.
	keepFor = 30 * time.Second
)

type heldState struct {
	Address string `json:"address"`
	// open, closed (by the other side), reset, gone (the kernel gave up) or failed (it was never open)
	State string `json:"state"`
	// For an open connection: time since its last received packet, and keepalives sent since.
	SilentMs   uint32 `json:"silentMs"`
	Unanswered uint8  `json:"unanswered"`
	Outcome    string `json:"outcome"`
}

type held struct {
	address    string
	connection *net.TCPConn
	lock       sync.Mutex
	state      string
	outcome    string
}

type holder struct {
	now   func() time.Time
	lock  sync.Mutex
	all   map[string]*held
	asked time.Time
}

func newHolder(now func() time.Time) *holder { return &holder{now: now, all: map[string]*held{}} }

// One socket in each container: an agent with NET_ADMIN may run in the same pod, as another user.
func heldSocket() string { return fmt.Sprintf("@gauntlet-held-%d", os.Getuid()) }

// Returns when another `serve` of this user has the name already: requests then go to that one.
func (h *holder) listen() {
	listener, err := net.Listen("unix", heldSocket())
	if err != nil {
		return
	}
	for {
		asker, err := listener.Accept()
		if err != nil {
			return
		}
		go h.answer(asker)
	}
}

func (h *holder) answer(asker net.Conn) {
	defer asker.Close()
	line, _ := bufio.NewReader(asker).ReadString('\n')
	_ = json.NewEncoder(asker).Encode(h.ask(strings.Fields(line)))
}

// A held address is dialled again: the proof needs a connection that worked just before the fault.
func (h *holder) ask(addresses []string) []heldState {
	fresh := make([]*held, len(addresses))
	var dials sync.WaitGroup
	for index, address := range addresses {
		dials.Add(1)
		go func() {
			defer dials.Done()
			fresh[index] = holdOpen(address)
		}()
	}
	dials.Wait()
	h.lock.Lock()
	defer h.lock.Unlock()
	h.asked = h.now()
	for _, one := range fresh {
		if old := h.all[one.address]; old != nil {
			old.close()
		}
		h.all[one.address] = one
	}
	states := []heldState{}
	for _, one := range h.all {
		states = append(states, one.read())
	}
	return states
}

// Returns the number of held connections; closes them all when no request came for keepFor.
func (h *holder) sweep() int {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.now().Sub(h.asked) > keepFor {
		for address, one := range h.all {
			one.close()
			delete(h.all, address)
		}
	}
	return len(h.all)
}

func holdOpen(address string) *held {
	dialer := net.Dialer{
		Timeout:         askEvery,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: askEvery, Interval: askEvery, Count: askCount},
	}
	connection, err := dialer.Dial("tcp", address)
	if err != nil {
		return &held{address: address, state: "failed", outcome: err.Error()}
	}
	one := &held{address: address, connection: connection.(*net.TCPConn), state: "open"}
	go one.drain()
	return one
}

// Discards what a server sends, and records how the connection ends.
func (one *held) drain() {
	_, err := io.Copy(io.Discard, one.connection)
	one.lock.Lock()
	defer one.lock.Unlock()
	switch {
	case err == nil:
		one.state, one.outcome = "closed", "by the other side"
	case errors.Is(err, unix.ECONNRESET):
		one.state, one.outcome = "reset", err.Error()
	default:
		one.state, one.outcome = "gone", err.Error()
	}
}

func (one *held) close() {
	if one.connection != nil {
		_ = one.connection.Close()
	}
}

func (one *held) read() heldState {
	one.lock.Lock()
	defer one.lock.Unlock()
	said := heldState{Address: one.address, State: one.state, Outcome: one.outcome}
	if one.state != "open" {
		return said
	}
	raw, err := one.connection.SyscallConn()
	if err != nil {
		return said
	}
	_ = raw.Control(func(file uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(file), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			said.State, said.Outcome = "failed", err.Error()
			return
		}
		// Data from the server counts as an answer too, and no keepalive is sent then.
		said.SilentMs, said.Unanswered = min(info.Last_ack_recv, info.Last_data_recv), info.Probes
	})
	return said
}

// Asks the `serve` of this container to open a connection to each of these addresses; returns the state of
// all held ones.
func askHolder(addresses []string) ([]heldState, error) {
	connection, err := net.Dial("unix", heldSocket())
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	if _, err := fmt.Fprintln(connection, strings.Join(addresses, " ")); err != nil {
		return nil, err
	}
	var states []heldState
	err = json.NewDecoder(connection).Decode(&states)
	return states, err
}
