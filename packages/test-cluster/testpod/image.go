package main

// An image of one static program (this one or another) as a docker-archive, which `ctr images import` reads:
// no container engine is needed.

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
)

const imageName = "localhost/testpod:1"

// The program is the entrypoint, under the name of the image; testpod starts with the part `pause`, another
// program without arguments.
func writeImage(path, image, program string) error {
	binary, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	layer, err := archive([]file{{name, 0o755, binary}})
	if err != nil {
		return err
	}
	start := map[string]any{"Entrypoint": []string{"/" + name}, "WorkingDir": "/"}
	if image == imageName {
		start["Cmd"] = []string{"pause"}
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       start,
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return err
	}
	configFile := digest(config) + ".json"
	manifest, err := json.Marshal([]map[string]any{
		{"Config": configFile, "RepoTags": []string{image}, "Layers": []string{"layer.tar"}},
	})
	if err != nil {
		return err
	}
	packed, err := archive([]file{{"manifest.json", 0o644, manifest}, {configFile, 0o644, config}, {"layer.tar", 0o644, layer}})
	if err != nil {
		return err
	}
	return os.WriteFile(path, packed, 0o644)
}

type file struct {
	name string
	mode int64
	data []byte
}

func archive(files []file) ([]byte, error) {
	var out bytes.Buffer
	writer := tar.NewWriter(&out)
	for _, one := range files {
		header := &tar.Header{Name: one.name, Mode: one.mode, Size: int64(len(one.data)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(one.data); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return out.Bytes(), err
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }
