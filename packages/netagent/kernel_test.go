package main

// The rules as the kernel takes them, in a network namespace that this test makes for itself: nothing of the machine's own
// network is touched. Without the right to make one (a user namespace of its own will do) it is skipped, with the reason.

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

const insideVariable = "NETAGENT_TEST_INSIDE"

// Far above what the kernel needs: only a failure waits so long.
const deadline = 5 * time.Second

func TestInANetworkNamespaceOfItsOwn(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		runInside(t)
		return
	}
	loopbackUp(t)
	if _, err := readState(); err != nil {
		t.Skipf("this kernel has no nf_tables for us: %v", err)
	}
	for name, test := range map[string]func(*testing.T, netip.AddrPort){
		"a cut drops what is sent and received, and undo leaves no rule":        cutAndUndo,
		"a cut of one direction drops that one alone":                           cutOneWay,
		"a cut from everyone is in place and leaves loopback alone":             cutFromEveryone,
		"a reset ends open connections and refuses new ones":                    reset,
		"police lets pass what is within the rate and drops the rest":           police,
		"a detour leads new connections to the proxy and nothing past it":       detour,
		"without a renewal the kernel ends it, and the sweep removes its table": expiry,
		"a renewal lasts from now, and of a table that is gone it is refused":   renewal,
		"an undo changes nothing of the tables of others":                       others,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, serving(t))
			noneLeft(t)
		})
	}
}

// The same test binary as root of a user namespace and a network namespace, so that no right outside is needed.
func runInside(t *testing.T) {
	inside := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	inside.Env = append(os.Environ(), insideVariable+"=1")
	inside.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	var said strings.Builder
	inside.Stdout, inside.Stderr = &said, &said
	if err := inside.Start(); err != nil {
		t.Skipf("no network namespace can be made here (%v)", err)
	}
	err := inside.Wait()
	t.Log(said.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, reason, found := strings.Cut(said.String(), "this kernel has no nf_tables"); found {
		t.Skip("this kernel has no nf_tables" + strings.SplitN(reason, "\n", 2)[0])
	}
}

func cutAndUndo(t *testing.T, server netip.AddrPort) {
	must(apply(asks("cut", server)))
	if outcome := reach(server); outcome.Ok {
		t.Error("a connection came through a cut")
	}
	counters := stateOf(t).Tables[0].Links[0].Counters
	if counters["drop out"].Packets == 0 || counters["drop out"].Bytes == 0 {
		t.Errorf("nothing was counted as dropped: %v", counters)
	}
	if got := must(undo("t")); !got.Removed || !got.Untouched {
		t.Errorf("got %+v", got)
	}
	if outcome := reach(server); !outcome.Ok {
		t.Errorf("still cut: %s", outcome.Outcome)
	}
	if got := must(undo("t")); got.Removed || !got.Untouched {
		t.Errorf("a second undo: %+v", got)
	}
}

func cutOneWay(t *testing.T, server netip.AddrPort) {
	asked := asks("cut", server)
	asked.Direction = "in"
	must(apply(asked))
	if outcome := reach(server); outcome.Ok {
		t.Error("an answer came through a cut")
	}
	counters := stateOf(t).Tables[0].Links[0].Counters
	if _, found := counters["drop out"]; found || counters["drop in"].Packets == 0 || counters["pass out"].Packets == 0 {
		t.Errorf("expected drops of what comes in alone, got %v", counters)
	}
	must(undo("t"))
}

func cutFromEveryone(t *testing.T, server netip.AddrPort) {
	asked := asks("cut", server)
	asked.Links[0].Peers, asked.Links[0].Everyone = nil, true
	must(apply(asked))
	table := stateOf(t).Tables[0]
	if _, found := table.Links[0].Counters["drop out"]; !found || table.LeftMs <= 0 {
		t.Errorf("expected a rule with a lease, got %+v", table)
	}
	if outcome := reach(server); !outcome.Ok {
		t.Errorf("loopback was cut: %s", outcome.Outcome)
	}
	if got := must(renew(asked)); !got.InPlace {
		t.Errorf("not renewed: %+v", got)
	}
	if got := must(undo("t")); !got.Removed || !got.Untouched {
		t.Errorf("got %+v", got)
	}
}

func reset(t *testing.T, server netip.AddrPort) {
	open, err := net.DialTimeout("tcp", server.String(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	_ = greeting(t, open)
	must(apply(asks("reset", server)))
	if outcome := reach(server); outcome.Ok || !strings.Contains(outcome.Outcome, "refused") {
		t.Errorf("expected a new connection to be refused, got %s", outcome.Outcome)
	}
	_ = open.SetDeadline(time.Now().Add(deadline))
	// Where the kernel cannot destroy sockets, the next packet is what is reset.
	_, _ = open.Write([]byte("x"))
	if _, err := open.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("expected the open connection to be reset, got %v", err)
	}
	must(undo("t"))
}

func police(t *testing.T, server netip.AddrPort) {
	asked := asks("police", server)
	asked.BytesPerSecond = 1 << 30
	must(apply(asked))
	if outcome := reach(server); !outcome.Ok {
		t.Errorf("within the rate: %s", outcome.Outcome)
	}
	asked.BytesPerSecond = 1
	must(apply(asked))
	until(t, "a packet above the rate is dropped", func() bool {
		_ = reach(server)
		counters := stateOf(t).Tables[0].Links[0].Counters
		return counters["drop out"].Packets+counters["drop in"].Packets > 0
	})
	must(undo("t"))
}

func detour(t *testing.T, server netip.AddrPort) {
	proxy := serving(t)
	asked := asks("detour", server)
	asked.Links[0].Via = []via{{Peer: server.Addr(), Port: server.Port(), To: proxy}}
	must(apply(asked))
	open, err := net.DialTimeout("tcp", server.String(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if got := greeting(t, open); got != greetingOf(proxy) {
		t.Errorf("expected the proxy to answer, got %s", got)
	}
	must(undo("t"))
	direct, err := net.DialTimeout("tcp", server.String(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	if got := greeting(t, direct); got != greetingOf(server) {
		t.Errorf("expected the server itself to answer, got %s", got)
	}
}

func expiry(t *testing.T, server netip.AddrPort) {
	asked := asks("cut", server)
	asked.TTLMs = 100
	must(apply(asked))
	until(t, "its elements expire", func() bool { return stateOf(t).Tables[0].LeftMs == 0 })
	if outcome := reach(server); !outcome.Ok {
		t.Errorf("still cut after its lease: %s", outcome.Outcome)
	}
	if left := must(sweep()); left != 0 {
		t.Errorf("the sweep left %d tables", left)
	}
}

func renewal(t *testing.T, server netip.AddrPort) {
	asked := asks("cut", server)
	asked.TTLMs = 10_000
	must(apply(asked))
	asked.TTLMs = 3_600_000
	if got := must(renew(asked)); !got.InPlace {
		t.Error("not in place")
	}
	if left := stateOf(t).Tables[0].LeftMs; left <= 10_000 {
		t.Errorf("%d ms left after a renewal", left)
	}
	if left := must(sweep()); left != 1 {
		t.Errorf("the sweep left %d tables of one that is in force", left)
	}
	must(undo("t"))
	if got := must(renew(asked)); got.InPlace {
		t.Error("renewed what is gone")
	}
}

func others(t *testing.T, server netip.AddrPort) {
	conn := must(open())
	theirs := conn.AddTable(&nftables.Table{Name: "theirs", Family: nftables.TableFamilyIPv4})
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	before := stateOf(t).Others
	must(apply(asks("cut", server)))
	if got := must(undo("t")); !got.Untouched {
		t.Error("something else was touched")
	}
	if after := stateOf(t).Others; fmt.Sprint(before) != "[table 2 theirs]" || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("before %v, after %v", before, after)
	}
	conn.DelTable(theirs)
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
}

func asks(kind string, server netip.AddrPort) request {
	return request{ID: "t", TTLMs: 60_000, Kind: kind, Links: []link{{Name: "a->b", Peers: []netip.Addr{server.Addr()}}}}
}

// The value, or the end of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func stateOf(t *testing.T) state {
	t.Helper()
	found, err := readState()
	if err != nil || len(found.Tables) > 1 {
		t.Fatalf("%v, %+v", err, found)
	}
	return found
}

func noneLeft(t *testing.T) {
	if tables := stateOf(t).Tables; len(tables) > 0 {
		t.Errorf("left: %+v", tables)
		_, _ = undo("t")
	}
}

func reach(server netip.AddrPort) dialled { return must(dial(server.String(), "300ms")) }

func until(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for began := time.Now(); !isSo(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > deadline {
			t.Fatalf("expected within %s that %s", deadline, what)
		}
	}
}

func greetingOf(server netip.AddrPort) string { return fmt.Sprintf("%05d", server.Port()) }

func greeting(t *testing.T, from net.Conn) string {
	t.Helper()
	_ = from.SetDeadline(time.Now().Add(deadline))
	text := make([]byte, 5)
	if _, err := from.Read(text); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A server that greets with its port and then says nothing, for as long as the test lasts.
func serving(t *testing.T) netip.AddrPort {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server := netip.MustParseAddrPort(listener.Addr().String())
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write([]byte(greetingOf(server)))
			t.Cleanup(func() { _ = connection.Close() })
		}
	}()
	return server
}

// A new network namespace has a loopback that is down. SIOCSIFFLAGS of netdevice(7): name, then flags.
func loopbackUp(t *testing.T) {
	file := must(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0))
	defer unix.Close(file)
	asked := must(unix.NewIfreq("lo"))
	asked.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(file, unix.SIOCSIFFLAGS, asked); err != nil {
		t.Fatal(err)
	}
}
