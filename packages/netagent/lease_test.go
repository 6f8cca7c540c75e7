package main

import (
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fakeClock stands still until it is moved.
type fakeClock struct{ at time.Time }

func newClock() *fakeClock                    { return &fakeClock{time.Unix(1_000_000, 0)} }
func (c *fakeClock) now() time.Time           { return c.at }
func (c *fakeClock) advance(by time.Duration) { c.at = c.at.Add(by) }

func TestServeEndsAfterItsIdleTimeAndNoSooner(t *testing.T) {
	clock := newClock()
	wait := idleWait{idle: 2 * time.Minute, last: clock.now()}
	clock.advance(2*time.Minute - 1)
	if wait.isOver(clock.now()) {
		t.Error("over before its time")
	}
	clock.advance(1)
	if !wait.isOver(clock.now()) {
		t.Error("not over at its time")
	}
}

func TestTheIdleTimeBeginsAgainWithEachThingThatIsThere(t *testing.T) {
	for name, one := range map[string]struct {
		tables      int
		err         error
		connections int
		begins      bool
	}{
		"a table":                         {tables: 1, begins: true},
		"a held connection":               {connections: 1, begins: true},
		"an error, which hides tables":    {err: unix.ENOBUFS, begins: true},
		"no right, so no table of ours":   {err: unix.EPERM},
		"no right, wrapped":               {err: errors.Join(unix.EPERM)},
		"no right, yet a held connection": {err: unix.EPERM, connections: 2, begins: true},
		"nothing":                         {},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			wait := idleWait{idle: time.Minute, last: clock.now()}
			clock.advance(time.Minute)
			wait.saw(one.tables, one.err, one.connections, clock.now())
			if wait.isOver(clock.now()) == one.begins {
				t.Errorf("expected it to begin again: %v", one.begins)
			}
		})
	}
}

func TestHeldConnectionsCloseWhenNobodyAsksAnyMore(t *testing.T) {
	server := listening(t)
	clock := newClock()
	kept := newHolder(clock.now)
	if states := kept.ask([]string{server}); len(states) != 1 || states[0].State != "open" {
		t.Fatalf("got %+v", states)
	}
	clock.advance(keepFor)
	if left := kept.sweep(); left != 1 {
		t.Errorf("%d left at the end of its time, expected 1", left)
	}
	// A question renews it, also one about nothing new.
	if states := kept.ask(nil); len(states) != 1 {
		t.Errorf("got %+v", states)
	}
	clock.advance(keepFor)
	if left := kept.sweep(); left != 1 {
		t.Errorf("%d left after a renewal, expected 1", left)
	}
	clock.advance(1)
	if left := kept.sweep(); left != 0 {
		t.Errorf("%d left after its time, expected 0", left)
	}
	if states := kept.ask(nil); len(states) != 0 {
		t.Errorf("got %+v", states)
	}
}

func TestAnAddressThatIsAskedForAgainIsDialledAgain(t *testing.T) {
	server := listening(t)
	kept := newHolder(newClock().now)
	kept.ask([]string{server})
	first := kept.all[server]
	kept.ask([]string{server})
	if len(kept.all) != 1 || kept.all[server] == first {
		t.Error("expected one connection, and a new one")
	}
}

func TestAnAddressWhereNobodyListensFailsWithTheKernelsWords(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	_ = listener.Close()
	states := newHolder(newClock().now).ask([]string{free})
	if want := "dial tcp " + free + ": connect: connection refused"; states[0].State != "failed" || states[0].Outcome != want {
		t.Errorf("got %+v", states)
	}
}

// A server that accepts and says nothing, for as long as the test lasts.
func listening(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = connection.Close() })
		}
	}()
	return listener.Addr().String()
}
