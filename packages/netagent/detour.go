package main

// Redirection to a proxy: destination NAT sends new connections of this pod to named ports of the peers to
// the proxy. Open connections are reset once, so that they reconnect through it. When the elements expire,
// new connections reach the peers directly again.

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

type via struct {
	// The address and port that the pod dials.
	Peer netip.Addr `json:"peer"`
	Port uint16     `json:"port"`
	// Where the proxy listens for that address and port.
	To netip.AddrPort `json:"to"`
}

func (v via) check() error {
	if v.Port == 0 || !v.To.IsValid() || v.To.Port() == 0 {
		return fmt.Errorf("via: expected a port and an address of the proxy, got %d and %s", v.Port, v.To)
	}
	if err := checkPeer(v.Peer); err != nil {
		return fmt.Errorf("via: %w", err)
	}
	if v.Peer.Unmap().Is4() != v.To.Addr().Unmap().Is4() {
		return fmt.Errorf("via: expected a proxy address of the same family as %s, got %s", v.Peer, v.To.Addr())
	}
	return nil
}

// One set for each redirection, with one address: the address expires, and then its rule matches nothing.
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
	// After the translation: a packet that still has a peer's address bypasses the proxy.
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
