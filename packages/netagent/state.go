package main

// Active impairments and their counters, for the proof, and everything that is not ours, for the comparison.

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

type counter struct {
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
}

type linkState struct {
	Name string `json:"name"`
	// By kind and direction, such as `drop out`.
	Counters map[string]counter `json:"counters"`
	// TCP connections of this pod with the peers, established and still connecting.
	Established int `json:"established"`
	Dialling    int `json:"dialling"`
}

type tableState struct {
	ID     string      `json:"id"`
	LeftMs int64       `json:"leftMs"`
	Links  []linkState `json:"links"`
}

type state struct {
	Tables []tableState `json:"tables"`
	// Tables, chains, sets and rules of all other owners.
	Others []string `json:"others"`
	Kernel kernel   `json:"kernel"`
}

type kernel struct {
	Release string `json:"release"`
	// yes, no or unknown
	Netem string `json:"netem"`
}

func readState() (state, error) {
	found := state{Tables: []tableState{}, Others: []string{}, Kernel: kernelFacts()}
	conn, err := open()
	if err != nil {
		return found, err
	}
	tables, err := ours(conn)
	if err != nil {
		return found, fmt.Errorf("no nf_tables: %w", err)
	}
	sockets, err := readSockets()
	if err != nil {
		return found, err
	}
	for _, table := range tables {
		left, err := leftOf(conn, table)
		if err != nil {
			return found, err
		}
		links, err := linksOf(conn, table, sockets)
		if ignoreGone(err) != nil {
			return found, err
		}
		found.Tables = append(found.Tables, tableState{strings.TrimPrefix(table.Name, prefix), left.Milliseconds(), links})
	}
	others, err := snapshot(conn, prefix)
	found.Others = append(found.Others, others...)
	return found, err
}

func linksOf(conn *nftables.Conn, table *nftables.Table, sockets []socket) ([]linkState, error) {
	chains, err := conn.ListChainsOfTableFamily(table.Family)
	if err != nil {
		return nil, err
	}
	links := []linkState{}
	for _, chain := range chains {
		if chain.Table.Name != table.Name {
			continue
		}
		rules, err := conn.GetRules(table, chain)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			links = count(links, rule)
		}
	}
	// Rules were written in the order of their links, and so were the sets.
	for index := range links {
		for _, f := range families {
			set := &nftables.Set{Table: table, Name: fmt.Sprintf("watched%d%s", index, f.name), KeyType: f.key}
			elements, err := conn.GetSetElements(set)
			if err != nil {
				return nil, err
			}
			for _, element := range elements {
				links[index].add(peersIn(element.Key, f), sockets)
			}
		}
	}
	return links, nil
}

func count(links []linkState, rule *nftables.Rule) []linkState {
	var what label
	if json.Unmarshal(rule.UserData, &what) != nil || what.Kind == "" {
		return links
	}
	index := slices.IndexFunc(links, func(one linkState) bool { return one.Name == what.Link })
	if index < 0 {
		links = append(links, linkState{Name: what.Link, Counters: map[string]counter{}})
		index = len(links) - 1
	}
	for _, one := range rule.Exprs {
		if counted, ok := one.(*expr.Counter); ok {
			key := what.Kind + " " + what.Way
			sum := links[index].Counters[key]
			links[index].Counters[key] = counter{sum.Packets + counted.Packets, sum.Bytes + counted.Bytes}
		}
	}
	return links
}

// An element is an address, or for everyone the family.
func peersIn(key []byte, f family) func(netip.Addr) bool {
	peer, ok := netip.AddrFromSlice(key)
	if !ok {
		return func(other netip.Addr) bool { return f.holds(other) && !other.IsLoopback() }
	}
	return func(other netip.Addr) bool { return other == peer }
}

func (l *linkState) add(isPeer func(netip.Addr) bool, sockets []socket) {
	for _, one := range sockets {
		if !isPeer(one.remote.Addr()) {
			continue
		}
		switch one.state {
		case tcpEstablished:
			l.Established++
		case tcpSynSent:
			l.Dialling++
		}
	}
}

// One line for each table, chain, set and rule whose table does not begin so.
func snapshot(conn *nftables.Conn, without string) ([]string, error) {
	lines := []string{}
	tables, err := conn.ListTables()
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		if strings.HasPrefix(table.Name, without) {
			continue
		}
		lines = append(lines, fmt.Sprintf("table %d %s", table.Family, table.Name))
		sets, err := conn.GetSets(table)
		if ignoreGone(err) != nil {
			return nil, err
		}
		for _, set := range sets {
			lines = append(lines, fmt.Sprintf("set %d %s %s", table.Family, table.Name, set.Name))
		}
	}
	chains, err := conn.ListChains()
	if err != nil {
		return nil, err
	}
	for _, chain := range chains {
		if strings.HasPrefix(chain.Table.Name, without) {
			continue
		}
		lines = append(lines, fmt.Sprintf("chain %d %s %s", chain.Table.Family, chain.Table.Name, chain.Name))
		rules, err := conn.GetRules(chain.Table, chain)
		if ignoreGone(err) != nil {
			return nil, err
		}
		for _, rule := range rules {
			lines = append(lines, fmt.Sprintf("rule %d %s %s handle %d", chain.Table.Family, chain.Table.Name, chain.Name, rule.Handle))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

func kernelFacts() kernel {
	facts := kernel{Netem: "unknown"}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts.Release = unix.ByteSliceToString(name.Release[:])
	}
	if modules, err := os.ReadFile("/proc/modules"); err == nil && bytes.Contains(modules, []byte("sch_netem ")) {
		facts.Netem = "yes"
		return facts
	}
	packed, err := os.Open("/proc/config.gz")
	if err != nil {
		return facts
	}
	defer packed.Close()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		return facts
	}
	config, _ := io.ReadAll(reader)
	facts.Netem = "no"
	if bytes.Contains(config, []byte("\nCONFIG_NET_SCH_NETEM=")) {
		facts.Netem = "yes"
	}
	return facts
}
