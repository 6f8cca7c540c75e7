package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// request is one impairment in this pod; a repeated request renews it, with the current peers.
type request struct {
	ID    string `json:"id"`
	TTLMs int64  `json:"ttlMs"`
	// cut, reset, police or detour
	Kind string `json:"kind"`
	// For a cut: out (what this pod sends), in (what it receives), or both when empty.
	Direction string `json:"direction"`
	// For police: the rate in each direction, for all peers together.
	BytesPerSecond uint64 `json:"bytesPerSecond"`
	Links          []link `json:"links"`
}

type link struct {
	Name string `json:"name"`
	// Pod addresses and service addresses: inside the pod a packet to a service has the service's address, which
	// is translated only outside.
	Peers []netip.Addr `json:"peers"`
	// Instead of peers: all that is sent and received, except on loopback.
	Everyone bool `json:"everyone"`
	// For a detour: what is redirected to the proxy. Every renewal has the same list.
	Via []via `json:"via"`
}

var (
	idPattern   = regexp.MustCompile(`^[a-z0-9-]{1,80}$`)
	namePattern = regexp.MustCompile(`^[A-Za-z0-9._>-]{1,150}$`)
)

// A field that this version does not know is an error: to leave it out would do something else than was asked.
func parseRequest(text string) (request, error) {
	var asked request
	reader := json.NewDecoder(strings.NewReader(text))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&asked); err != nil {
		return request{}, err
	}
	if _, err := reader.Token(); err != io.EOF {
		return request{}, errors.New("expected one request, got more behind it")
	}
	return asked, asked.check()
}

func (r request) check() error {
	if !idPattern.MatchString(r.ID) {
		return fmt.Errorf("id: expected %s, got %q", idPattern, r.ID)
	}
	if r.TTLMs < 100 || r.TTLMs > time.Hour.Milliseconds() {
		return fmt.Errorf("ttlMs: expected 100 to 3600000, got %d", r.TTLMs)
	}
	if !slices.Contains([]string{"cut", "reset", "police", "detour"}, r.Kind) {
		return fmt.Errorf("kind: expected cut, reset, police or detour, got %q", r.Kind)
	}
	if r.Direction != "" && r.Direction != "in" && r.Direction != "out" {
		return fmt.Errorf("direction: expected in, out or nothing, got %q", r.Direction)
	}
	if r.Kind == "police" && r.BytesPerSecond == 0 {
		return errors.New("bytesPerSecond: expected at least 1, got 0")
	}
	if len(r.Links) == 0 {
		return errors.New("links: expected at least one, got none")
	}
	for _, one := range r.Links {
		if !namePattern.MatchString(one.Name) || (len(one.Peers) == 0) != one.Everyone {
			return fmt.Errorf("link: expected a name and its peers, got %q with %d", one.Name, len(one.Peers))
		}
		for _, peer := range one.Peers {
			if err := checkPeer(peer); err != nil {
				return fmt.Errorf("peers of %s: %w", one.Name, err)
			}
		}
		if r.Kind == "detour" && one.Everyone {
			return fmt.Errorf("everyone of %s: expected peers for a detour", one.Name)
		}
		if (r.Kind == "detour") != (len(one.Via) > 0) {
			return fmt.Errorf("via of %s: expected at least one for a detour and none for other kinds, got %d", one.Name, len(one.Via))
		}
		for _, v := range one.Via {
			if err := v.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// A set of the kernel holds the bytes of an address and no zone.
func checkPeer(peer netip.Addr) error {
	if !peer.IsValid() || peer.Zone() != "" {
		return fmt.Errorf("expected an address without a zone, got %q", peer)
	}
	return nil
}

func (r request) ttl() time.Duration { return time.Duration(r.TTLMs) * time.Millisecond }

func (r request) hits(direction string) bool { return r.Direction == "" || r.Direction == direction }
