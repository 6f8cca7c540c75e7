package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

type applied struct {
	// Open sockets of this pod that were reset.
	Destroyed int `json:"destroyed"`
}

// A second request with the same id replaces the first.
func apply(asked request) (applied, error) {
	conn, err := open()
	if err != nil {
		return applied{}, err
	}
	w := writer{conn, tableOf(asked.ID), asked}
	if is, err := exists(conn, w.table.Name); err != nil {
		return applied{}, err
	} else if is {
		conn.DelTable(w.table)
	}
	if err := w.write(); err != nil {
		return applied{}, err
	}
	if err := conn.Flush(); err != nil {
		return applied{}, fmt.Errorf("the kernel refused the rules (nf_tables: sets with timeouts, counter, limit, reject): %w", err)
	}
	if asked.Kind != "reset" && asked.Kind != "detour" {
		return applied{}, nil
	}
	count, err := destroySockets(asked)
	return applied{count}, err
}

type renewed struct {
	InPlace bool `json:"inPlace"`
}

// Each set is flushed and refilled in one transaction: older kernels do not change the timeout of an existing
// element.
func renew(asked request) (renewed, error) {
	conn, err := open()
	if err != nil {
		return renewed{}, err
	}
	table := tableOf(asked.ID)
	if live, err := isLive(conn, table); err != nil || !live {
		return renewed{false}, err
	}
	w := writer{conn, table, asked}
	var failed error
	for _, one := range w.sets() {
		conn.FlushSet(one.set)
		if len(one.elements) > 0 {
			failed = errors.Join(failed, conn.SetAddElements(one.set, one.elements))
		}
	}
	if failed != nil {
		return renewed{}, failed
	}
	if err := conn.Flush(); errors.Is(err, unix.ENOENT) {
		return renewed{false}, nil
	} else if err != nil {
		return renewed{}, err
	}
	return renewed{true}, nil
}

type undone struct {
	Removed bool `json:"removed"`
	// Everything outside our tables was identical before and after.
	Untouched bool `json:"untouched"`
}

func undo(id string) (undone, error) {
	if !idPattern.MatchString(id) {
		return undone{}, fmt.Errorf("id: expected %s, got %q", idPattern, id)
	}
	conn, err := open()
	if err != nil {
		return undone{}, err
	}
	table := tableOf(id)
	if is, err := exists(conn, table.Name); err != nil || !is {
		return undone{false, true}, err
	}
	before, err := snapshot(conn, table.Name)
	if err != nil {
		return undone{}, err
	}
	conn.DelTable(table)
	// Another caller (the sweep) may have deleted it already.
	if err := conn.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return undone{}, err
	}
	after, err := snapshot(conn, table.Name)
	return undone{true, slices.Equal(before, after)}, err
}

// Deletes our expired tables and returns the number of those that remain.
func sweep() (int, error) {
	conn, err := open()
	if err != nil {
		return 0, err
	}
	tables, err := ours(conn)
	left := 0
	for _, table := range tables {
		if live, err := isLive(conn, table); err != nil || live {
			left++
			continue
		}
		conn.DelTable(table)
		_ = conn.Flush()
	}
	return left, err
}

func ours(conn *nftables.Conn) ([]*nftables.Table, error) {
	tables, err := conn.ListTablesOfFamily(nftables.TableFamilyINet)
	return slices.DeleteFunc(tables, func(one *nftables.Table) bool { return !strings.HasPrefix(one.Name, prefix) }), err
}

func exists(conn *nftables.Conn, name string) (bool, error) {
	tables, err := ours(conn)
	return slices.ContainsFunc(tables, func(one *nftables.Table) bool { return one.Name == name }), err
}

// A table is live while it has an element that has not expired.
func isLive(conn *nftables.Conn, table *nftables.Table) (bool, error) {
	left, err := leftOf(conn, table)
	return left > 0, err
}

// The longest remaining time of its elements.
func leftOf(conn *nftables.Conn, table *nftables.Table) (time.Duration, error) {
	is, err := exists(conn, table.Name)
	if err != nil || !is {
		return 0, err
	}
	sets, err := conn.GetSets(table)
	if err != nil {
		return 0, ignoreGone(err)
	}
	var longest time.Duration
	for _, set := range sets {
		if !strings.HasPrefix(set.Name, "peers") {
			continue
		}
		elements, err := conn.GetSetElements(set)
		if err != nil {
			return 0, ignoreGone(err)
		}
		for _, element := range elements {
			longest = max(longest, element.Expires)
		}
	}
	return longest, nil
}

func ignoreGone(err error) error {
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}
