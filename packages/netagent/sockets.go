package main

// The TCP sockets of this network namespace: counts those open to the peers, and ends them when a fault
// resets them.

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// States of include/net/tcp_states.h.
const (
	tcpEstablished = 1
	tcpSynSent     = 2
	tcpTimeWait    = 6
	tcpListen      = 10
	// Message type of linux/sock_diag.h: needs CONFIG_INET_DIAG_DESTROY.
	sockDestroy = 21
)

type socket struct {
	// As stored by the kernel: an IPv4 peer of an IPv6 socket is looked up as IPv6.
	family byte
	local  netip.AddrPort
	remote netip.AddrPort
	state  int64
}

func readSockets() ([]socket, error) {
	var all []socket
	for path, family := range map[string]byte{"/proc/net/tcp": unix.AF_INET, "/proc/net/tcp6": unix.AF_INET6} {
		found, err := readTable(path, family)
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func readTable(path string, family byte) ([]socket, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []socket
	lines := bufio.NewScanner(file)
	lines.Scan()
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		local, err := parseAddress(fields[1])
		if err != nil {
			return nil, err
		}
		remote, err := parseAddress(fields[2])
		if err != nil {
			return nil, err
		}
		state, err := strconv.ParseInt(fields[3], 16, 16)
		if err != nil {
			return nil, err
		}
		found = append(found, socket{family, local, remote, state})
	}
	return found, lines.Err()
}

// `0103 4D0A:1F90`: words of 32 bits in the machine's order, the port as a number.
func parseAddress(text string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for word := 0; word+4 <= len(raw); word += 4 {
		binary.BigEndian.PutUint32(raw[word:], binary.NativeEndian.Uint32(raw[word:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	number, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), nil
}

// Ends the open connections with the peers: both ends get a reset, also on an idle connection.
func destroySockets(asked request) (int, error) {
	sockets, err := readSockets()
	if err != nil {
		return 0, err
	}
	conn, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	count := 0
	for _, one := range sockets {
		if one.state == tcpListen || one.state == tcpTimeWait || !asked.means(one.remote) {
			continue
		}
		request := netlink.Message{
			Header: netlink.Header{Type: sockDestroy, Flags: netlink.Request | netlink.Acknowledge},
			Data:   one.diagRequest(),
		}
		// A socket that has closed meanwhile needs no reset; on a kernel that cannot destroy sockets (EOPNOTSUPP)
		// the next packet is reset.
		if _, err := conn.Execute(request); err == nil {
			count++
		}
	}
	return count, nil
}

func (r request) means(peer netip.AddrPort) bool {
	return slices.ContainsFunc(r.Links, func(one link) bool {
		if r.Kind == "detour" {
			return slices.ContainsFunc(one.Via, func(v via) bool { return v.Peer.Unmap() == peer.Addr() && v.Port == peer.Port() })
		}
		if one.Everyone && !peer.Addr().IsLoopback() {
			return true
		}
		return slices.ContainsFunc(one.Peers, func(other netip.Addr) bool { return other.Unmap() == peer.Addr() })
	})
}

// struct inet_diag_req_v2 of linux/inet_diag.h, 56 bytes.
func (s socket) diagRequest() []byte {
	data := make([]byte, 56)
	data[0] = s.family
	data[1] = unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(data[4:], ^uint32(0))
	binary.BigEndian.PutUint16(data[8:], s.local.Port())
	binary.BigEndian.PutUint16(data[10:], s.remote.Port())
	copy(data[12:28], s.bytesOf(s.local.Addr()))
	copy(data[28:44], s.bytesOf(s.remote.Addr()))
	// Any interface; the cookie is INET_DIAG_NOCOOKIE.
	binary.NativeEndian.PutUint32(data[48:], ^uint32(0))
	binary.NativeEndian.PutUint32(data[52:], ^uint32(0))
	return data
}

func (s socket) bytesOf(address netip.Addr) []byte {
	if s.family == unix.AF_INET {
		return address.AsSlice()
	}
	whole := address.As16()
	return whole[:]
}
