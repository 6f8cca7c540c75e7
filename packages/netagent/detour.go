package main

// The way through a proxy: new connections of this pod to named ports of the peers are led to it (destination NAT), and the
// open ones are ended once, so that they come back that way. When the elements expire, new connections go straight again.

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

type via struct {
	// What is dialled in here.
	Peer netip.Addr `json:"peer"`
	Port uint16     `json:"port"`
	// Where the proxy listens for exactly that.
	To netip.AddrPort `json:"to"`
}

func (v via) check() error {
	if v.Port == 0 || !v.To.IsValid() || v.To.Port() == 0 {
		return fmt.Errorf("via: expected a port and an address of the proxy, got %d and %s", v.Port, v.To)
	}
	if v.Peer.Unmap().Is4() != v.To.Addr().Unmap().Is4() {
		return fmt.Errorf("via: expected a proxy address of the same family as %s, got %s", v.Peer, v.To.Addr())
	}
	return nil
}

// One set for each way, with one address: what expires is the address, and the rule behind it means nobody any more.
func (w writer) viaOf(index, way int, f family) *nftables.Set {
	return &nftables.Set{Table: w.table, Name: fmt.Sprintf("peers%dvia%d", index, way), KeyType: f.key, HasTimeout: true}
}

func (w writer) eachVia(do func(index, way int, v via, f family)) {
	w.each(func(index int, one link, f family) {
		for way, v := range one.Via {
			if f.holds(v.Peer) {
				do(index, way, v, f)
			}
		}
	})
}

func (w writer) detourSets() []filled {
	var all []filled
	w.eachVia(func(index, way int, v via, f family) {
		element := nftables.SetElement{Key: v.Peer.Unmap().AsSlice(), Timeout: w.asked.ttl()}
		all = append(all, filled{w.viaOf(index, way, f), []nftables.SetElement{element}})
	})
	return all
}

func (w writer) writeDetour() {
	accept := nftables.ChainPolicyAccept
	detour := w.conn.AddChain(&nftables.Chain{
		Name: "detour", Table: w.table, Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookOutput,
		Priority: nftables.ChainPriorityNATDest, Policy: &accept,
	})
	w.eachVia(func(index, way int, v via, f family) {
		to := []expr.Any{
			&expr.Immediate{Register: 1, Data: v.To.Addr().Unmap().AsSlice()},
			&expr.Immediate{Register: 2, Data: binary.BigEndian.AppendUint16(nil, v.To.Port())},
			&expr.NAT{Type: expr.NATTypeDestNAT, Family: uint32(f.proto), RegAddrMin: 1, RegProtoMin: 2},
		}
		w.rule(detour, label{}, join(w.match(w.viaOf(index, way, f), f, "out"), isTCP(), toPort(v.Port), to))
	})
	// Behind the translation: what still has a peer's address here goes past the proxy.
	past := w.conn.AddChain(&nftables.Chain{
		Name: "past", Table: w.table, Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookOutput,
		Priority: nftables.ChainPriorityFilter, Policy: &accept,
	})
	w.each(func(index int, one link, f family) {
		w.rule(past, label{one.Name, "pass", "out"}, append(w.match(w.watchedOf(index, f), f, "out"), &expr.Counter{}))
	})
}

// The destination port is at byte 2 of the TCP header.
func toPort(port uint16) []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.BigEndian.AppendUint16(nil, port)},
	}
}
