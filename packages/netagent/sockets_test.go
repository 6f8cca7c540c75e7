package main

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestASocketIsMeantByItsPeerAndOfADetourByItsPortToo(t *testing.T) {
	cut, detour := mustParse(t, goodRequest), mustParse(t, goodDetour)
	for _, one := range []struct {
		peer        string
		cut, detour bool
	}{{"10.1.2.3:6379", true, true}, {"10.1.2.3:80", true, false}, {"10.1.2.4:6379", false, false}, {"[fd00::1]:1", true, false}} {
		peer := netip.MustParseAddrPort(one.peer)
		if cut.means(peer) != one.cut || detour.means(peer) != one.detour {
			t.Errorf("%s: cut %v, detour %v", peer, cut.means(peer), detour.means(peer))
		}
	}
}

func TestTheKernelsTableOfSocketsIsRead(t *testing.T) {
	// Written as the kernel of this machine does: words of 32 bits in the machine's order.
	word := func(bytes ...byte) string {
		return strings.ToUpper(hex.EncodeToString(binary.BigEndian.AppendUint32(nil, binary.NativeEndian.Uint32(bytes))))
	}
	table := "  sl  local_address rem_address   st\n" +
		"   0: " + word(127, 0, 0, 1) + ":1F90 " + word(10, 1, 2, 3) + ":0050 01 00000000:00000000\n" +
		"   1: cut off\n"
	path := filepath.Join(t.TempDir(), "tcp")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := readTable(path, unix.AF_INET)
	want := []socket{{unix.AF_INET, netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("10.1.2.3:80"), tcpEstablished}}
	if err != nil || !reflect.DeepEqual(found, want) {
		t.Errorf("expected %v, got %v, %v", want, found, err)
	}
}

// Bytes of /proc/net are the kernel's; still nothing of them may end the agent.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"0100007F:1F90", "00000000000000000000000001000000:0050", "", ":", "zz:1", "01:1", "0100007F:1FFFF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if address, err := parseAddress(text); err == nil && !address.IsValid() {
			t.Errorf("%q: an address that is none", text)
		}
	})
}
