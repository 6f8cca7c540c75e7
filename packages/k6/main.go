// k6, unchanged: our own module, so that go.sum pins and verifies every byte that it is built from.
// (`go install go.k6.io/k6/v2@v2.2.0` verifies too, but it takes the newest checksums from the network.)
package main

import "go.k6.io/k6/v2/cmd"

func main() {
	cmd.Execute()
}
