package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// stackConfig is the content of a Pulumi.STACK.yaml.
type stackConfig struct {
	project string
	// Salt encrypts the secrets, together with the passphrase.
	Salt   string         `yaml:"encryptionsalt,omitempty"`
	Config map[string]any `yaml:"config,omitempty"`
}

func (c *stackConfig) has(key string) bool {
	_, ok := c.Config[key]
	return ok
}

// writeFiles writes the project file and the stack file into the stack's folder, and returns the latter.
func (s *stack) writeFiles() (*stackConfig, error) {
	project := map[string]any{}
	if err := readYAML(filepath.Join(s.checkout, projectFile), &project); err != nil {
		return nil, err
	}
	name, ok := project["name"].(string)
	if !ok {
		return nil, fmt.Errorf("%s has no name", filepath.Join(s.checkout, projectFile))
	}
	project["runtime"] = map[string]any{"name": "go", "options": map[string]any{"binary": s.program}}
	if err := writeYAML(filepath.Join(s.folder, projectFile), project); err != nil {
		return nil, err
	}

	var theirs, standIns, kept stackConfig
	if err := readYAML(filepath.Join(s.checkout, stackFile(s.name)), &theirs); err != nil {
		return nil, err
	}
	if err := readYAML(filepath.Join(s.checkout, stackFile(standInStack)), &standIns); err != nil {
		return nil, err
	}
	if !standIns.has(imagesKey) {
		return nil, fmt.Errorf("%s has no %s: name the embedded cluster's images there", stackFile(standInStack), imagesKey)
	}
	path := filepath.Join(s.folder, stackFile(s.name))
	if err := readYAML(path, &kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	merged := merge(theirs, kept, map[string]any{
		imagesKey:              standIns.Config[imagesKey],
		"mediawiki:kubeconfig": s.kubeconfig,
		"mediawiki:context":    "microk8s",
	})
	merged.project = name
	if err := s.linkPictures(theirs.Config); err != nil {
		return nil, err
	}
	return &merged, writeYAML(path, merged)
}

// linkPictures links the files that the stack's settings name, because the program looks for them in its working folder.
func (s *stack) linkPictures(config map[string]any) error {
	for _, key := range []string{"mediawiki:logo", "mediawiki:icon", "mediawiki:favicon"} {
		path, _ := config[key].(string)
		if !filepath.IsLocal(path) || strings.Contains(path, "://") {
			continue
		}
		link := filepath.Join(s.folder, path)
		switch info, err := os.Lstat(link); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case info.Mode().Type() == fs.ModeSymlink:
			if err := os.Remove(link); err != nil { // the checkout may have moved
				return err
			}
		default:
			continue // a file of the stack's own
		}
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(s.checkout, path), link); err != nil {
			return err
		}
	}
	return nil
}

// merge returns the checkout's stack file with overrides and with the secrets of earlier runs. It omits the checkout's own secrets, which
// are encrypted with the passphrase of the real deployment.
func merge(checkout, kept stackConfig, overrides map[string]any) stackConfig {
	merged := stackConfig{Salt: kept.Salt, Config: map[string]any{}}
	for key, value := range checkout.Config {
		if !isSecret(value) {
			merged.Config[key] = value
		}
	}
	for key, value := range kept.Config {
		if isSecret(value) {
			merged.Config[key] = value
		}
	}
	maps.Copy(merged.Config, overrides)
	return merged
}

// isSecret reports whether a value is encrypted, as pulumi writes it.
func isSecret(value any) bool {
	m, ok := value.(map[string]any)
	if !ok || len(m) != 1 {
		return false
	}
	_, ok = m["secure"].(string)
	return ok
}

func readYAML(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func writeYAML(path string, from any) error {
	data, err := yaml.Marshal(from)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeFile(path, data)
}
