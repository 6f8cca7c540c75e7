package main

// The table of one impairment: its peers, its effect on them, and its counters.

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

const prefix = "gauntlet-"

// label is stored with each of our rules, so that a later process can read the rule's counter.
type label struct {
	Link string `json:"l"`
	// drop, reject, rst or pass
	Kind string `json:"k"`
	// out or in
	Way string `json:"w"`
}

type family struct {
	name   string
	proto  byte
	key    nftables.SetDatatype
	length uint32
	// Offset of the other side's address in the IP header, for sent and for received packets.
	offset map[string]uint32
}

var families = []family{
	{"v4", unix.NFPROTO_IPV4, nftables.TypeIPAddr, 4, map[string]uint32{"out": 16, "in": 12}},
	{"v6", unix.NFPROTO_IPV6, nftables.TypeIP6Addr, 16, map[string]uint32{"out": 24, "in": 8}},
}

func (f family) holds(peer netip.Addr) bool { return peer.Unmap().Is4() == (f.name == "v4") }

type writer struct {
	conn  *nftables.Conn
	table *nftables.Table
	asked request
}

// A transaction is one message, and the kernel answers each of its parts with one: ten or more links did not
// fit into the usual 208 KiB (ENOBUFS, EMSGSIZE). With NET_ADMIN the buffers may exceed net.core.rmem_max and
// wmem_max.
const bufferBytes = 8 << 20

func open() (*nftables.Conn, error) {
	return nftables.New(nftables.WithSockOptions(func(conn *netlink.Conn) error {
		return errors.Join(conn.SetReadBuffer(bufferBytes), conn.SetWriteBuffer(bufferBytes))
	}))
}

func tableOf(id string) *nftables.Table {
	return &nftables.Table{Name: prefix + id, Family: nftables.TableFamilyINet}
}

// The type of what the sets of a link hold: addresses, or for everyone the protocol family itself.
func (w writer) keyOf(index int, f family) nftables.SetDatatype {
	if w.asked.Links[index].Everyone {
		return nftables.TypeNFProto
	}
	return f.key
}

// peersOf is the set on which the fault depends; watchedOf is for counting what crosses and never expires.
func (w writer) peersOf(index int, f family) *nftables.Set {
	return &nftables.Set{Table: w.table, Name: fmt.Sprintf("peers%d%s", index, f.name), KeyType: w.keyOf(index, f), HasTimeout: true}
}

func (w writer) watchedOf(index int, f family) *nftables.Set {
	return &nftables.Set{Table: w.table, Name: fmt.Sprintf("watched%d%s", index, f.name), KeyType: w.keyOf(index, f)}
}

type filled struct {
	set      *nftables.Set
	elements []nftables.SetElement
}

// Every set of the table with its current elements.
func (w writer) sets() []filled {
	var all []filled
	w.each(func(index int, one link, f family) {
		all = append(all, filled{w.watchedOf(index, f), w.elements(one, f, false)})
		if w.asked.Kind != "detour" {
			all = append(all, filled{w.peersOf(index, f), w.elements(one, f, true)})
		}
	})
	return append(all, w.detourSets()...)
}

func (w writer) elements(one link, f family, timed bool) []nftables.SetElement {
	var found []nftables.SetElement
	add := func(key []byte) {
		element := nftables.SetElement{Key: key}
		if timed {
			element.Timeout = w.asked.ttl()
		}
		found = append(found, element)
	}
	if one.Everyone {
		add([]byte{f.proto})
	}
	seen := map[netip.Addr]bool{}
	for _, peer := range one.Peers {
		peer = peer.Unmap()
		if seen[peer] || !f.holds(peer) {
			continue
		}
		seen[peer] = true
		add(peer.AsSlice())
	}
	return found
}

// Nothing is sent to the kernel before the caller flushes: the table appears as a whole or not at all.
func (w writer) write() error {
	w.conn.AddTable(w.table)
	for _, one := range w.sets() {
		if err := w.conn.AddSet(one.set, one.elements); err != nil {
			return err
		}
	}
	if w.asked.Kind == "detour" {
		w.writeDetour()
		return nil
	}
	for way, hook := range map[string]*nftables.ChainHook{"out": nftables.ChainHookOutput, "in": nftables.ChainHookInput} {
		w.writeWay(way, hook)
	}
	return nil
}

func (w writer) writeWay(way string, hook *nftables.ChainHook) {
	accept := nftables.ChainPolicyAccept
	chain := w.conn.AddChain(&nftables.Chain{
		Name: way, Table: w.table, Type: nftables.ChainTypeFilter, Hooknum: hook,
		Priority: nftables.ChainPriorityRaw, Policy: &accept,
	})
	var policed *nftables.Chain
	if w.asked.Kind == "police" {
		policed = w.policedChain(way)
	}
	if w.asked.Kind == "reset" && way == "in" {
		// The RST that `reject` sends to this pod's own sockets arrives on lo with the peer's address.
		w.rule(chain, label{}, append(onLoopback(), verdict(expr.VerdictReturn)))
	}
	w.each(func(index int, one link, f family) {
		match := w.match(w.peersOf(index, f), f, way)
		switch {
		case w.asked.Kind == "police":
			jump := &expr.Verdict{Kind: expr.VerdictJump, Chain: policed.Name}
			w.rule(chain, label{}, append(match, jump))
		case w.asked.Kind == "reset":
			w.rule(chain, label{one.Name, "rst", way}, append(join(match, isTCP(), isRST()), &expr.Counter{}, verdict(expr.VerdictReturn)))
			reject := &expr.Reject{Type: unix.NFT_REJECT_TCP_RST}
			w.rule(chain, label{one.Name, "reject", way}, append(join(match, isTCP()), &expr.Counter{}, reject))
		case w.asked.hits(way):
			w.rule(chain, label{one.Name, "drop", way}, append(match, &expr.Counter{}, verdict(expr.VerdictDrop)))
		}
	})
	w.each(func(index int, one link, f family) {
		w.rule(chain, label{one.Name, "pass", way}, append(w.match(w.watchedOf(index, f), f, way), &expr.Counter{}))
	})
}

// One bucket for all peers of this direction: packets above the rate are dropped (policing), none is delayed
// (shaping).
func (w writer) policedChain(way string) *nftables.Chain {
	chain := w.conn.AddChain(&nftables.Chain{Name: "police-" + way, Table: w.table})
	within := &expr.Limit{Type: expr.LimitTypePktBytes, Rate: w.asked.BytesPerSecond, Unit: expr.LimitTimeSecond}
	w.rule(chain, label{}, []expr.Any{within, verdict(expr.VerdictReturn)})
	w.each(func(index int, one link, f family) {
		match := w.match(w.peersOf(index, f), f, way)
		w.rule(chain, label{one.Name, "drop", way}, append(match, &expr.Counter{}, verdict(expr.VerdictDrop)))
	})
	return chain
}

func (w writer) each(do func(index int, one link, f family)) {
	for index, one := range w.asked.Links {
		for _, f := range families {
			do(index, one, f)
		}
	}
}

func (w writer) match(set *nftables.Set, f family, way string) []expr.Any {
	if set.KeyType.Name == nftables.TypeNFProto.Name {
		return append(notOnLoopback(way),
			&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
			&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID})
	}
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{f.proto}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: f.offset[way], Len: f.length},
		&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID},
	}
}

func (w writer) rule(chain *nftables.Chain, what label, does []expr.Any) {
	rule := &nftables.Rule{Table: w.table, Chain: chain, Exprs: does}
	if what.Kind != "" {
		rule.UserData, _ = json.Marshal(what)
	}
	w.conn.AddRule(rule)
}

func join(lists ...[]expr.Any) []expr.Any {
	var all []expr.Any
	for _, one := range lists {
		all = append(all, one...)
	}
	return all
}

func isTCP() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
	}
}

// Byte 13 of the TCP header holds the flags, 0x04 is RST.
func isRST() []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{0x04}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte{0}},
	}
}

// The interface with index 1 is lo in every network namespace.
func onLoopback() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyIIF, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(1)},
	}
}

func notOnLoopback(way string) []expr.Any {
	key := map[string]expr.MetaKey{"out": expr.MetaKeyOIF, "in": expr.MetaKeyIIF}[way]
	return []expr.Any{
		&expr.Meta{Key: key, Register: 1},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: binaryutil.NativeEndian.PutUint32(1)},
	}
}

func verdict(kind expr.VerdictKind) *expr.Verdict { return &expr.Verdict{Kind: kind} }
