package main

// An image of this very binary as a docker-archive, which `ctr images import` reads: no container engine is needed.

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

const imageName = "localhost/testpod:1"

func writeImage(path string) error {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	layer, err := archive([]file{{"testpod", 0o755, self}})
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{"/testpod"}, "Cmd": []string{"pause"}, "WorkingDir": "/"},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return err
	}
	configFile := digest(config) + ".json"
	manifest, err := json.Marshal([]map[string]any{
		{"Config": configFile, "RepoTags": []string{imageName}, "Layers": []string{"layer.tar"}},
	})
	if err != nil {
		return err
	}
	image, err := archive([]file{{"manifest.json", 0o644, manifest}, {configFile, 0o644, config}, {"layer.tar", 0o644, layer}})
	if err != nil {
		return err
	}
	return os.WriteFile(path, image, 0o644)
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
