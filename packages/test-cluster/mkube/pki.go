package main

// The certificates, keys and kubeconfigs of one test cluster: a CA of its own, valid for a year, known to
// nobody else.

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type authority struct {
	dir    string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	serial int64
}

var serverNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
	"kubernetes.default.svc.cluster.local", "node1"}

// The users that are given a kubeconfig; the names and groups are those that RBAC's own bindings expect.
var users = map[string]pkix.Name{
	"admin":              {CommonName: "admin", Organization: []string{"system:masters"}},
	"controller-manager": {CommonName: "system:kube-controller-manager"},
	"scheduler":          {CommonName: "system:kube-scheduler"},
	"proxy":              {CommonName: "system:kube-proxy"},
	"kubelet":            {CommonName: "system:node:node1", Organization: []string{"system:nodes"}},
}

func writePki(dir, server string, ips []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca := &authority{dir: dir}
	addresses := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)}
	for _, text := range ips {
		ip := net.ParseIP(text)
		if ip == nil {
			return fmt.Errorf("expected an IP address, got %q", text)
		}
		addresses = append(addresses, ip)
	}
	steps := []func() error{
		ca.create,
		func() error { return ca.issue("apiserver", pkix.Name{CommonName: "kube-apiserver"}, addresses) },
		func() error { return ca.issue("kubelet-serving", pkix.Name{CommonName: "node1"}, addresses) },
		func() error {
			name := pkix.Name{CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}}
			return ca.issue("apiserver-kubelet-client", name, nil)
		},
		ca.serviceAccountKey,
	}
	for user, name := range users {
		steps = append(steps,
			func() error { return ca.issue(user, name, nil) },
			func() error { return ca.kubeconfig(user, server) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (ca *authority) create() (err error) {
	if ca.key, err = ca.newKey("ca"); err != nil {
		return err
	}
	ca.cert = ca.template(pkix.Name{CommonName: "mkube-ca"})
	ca.cert.IsCA, ca.cert.BasicConstraintsValid = true, true
	ca.cert.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	return ca.sign("ca", ca.cert, ca.key)
}

// Serving certificates have addresses, client certificates have none.
func (ca *authority) issue(file string, name pkix.Name, addresses []net.IP) error {
	key, err := ca.newKey(file)
	if err != nil {
		return err
	}
	cert := ca.template(name)
	cert.KeyUsage = x509.KeyUsageDigitalSignature
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if addresses != nil {
		cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		cert.IPAddresses, cert.DNSNames = addresses, serverNames
	}
	return ca.sign(file, cert, key)
}

func (ca *authority) template(name pkix.Name) *x509.Certificate {
	ca.serial++
	// An hour back: a clock that is stepped a little must not make the cluster refuse its own parts.
	from := time.Now().Add(-time.Hour)
	return &x509.Certificate{
		SerialNumber: big.NewInt(ca.serial), Subject: name, NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
	}
}

func (ca *authority) sign(file string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return err
	}
	return ca.write(file+".crt", "CERTIFICATE", der)
}

func (ca *authority) newKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, ca.write(file+".key", "EC PRIVATE KEY", der)
}

func (ca *authority) serviceAccountKey() error {
	key, err := ca.newKey("sa")
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return ca.write("sa.pub", "PUBLIC KEY", der)
}

func (ca *authority) write(file, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(ca.dir, file), text, 0o600)
}

func (ca *authority) kubeconfig(user, server string) error {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: gauntlet-test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: %s, user: {client-certificate: %q, client-key: %q}}]
contexts: [{name: gauntlet-test, context: {cluster: gauntlet-test, user: %s}}]
current-context: gauntlet-test
`, server, filepath.Join(ca.dir, "ca.crt"), user,
		filepath.Join(ca.dir, user+".crt"), filepath.Join(ca.dir, user+".key"), user)
	return os.WriteFile(filepath.Join(ca.dir, user+".kubeconfig"), []byte(text), 0o600)
}
