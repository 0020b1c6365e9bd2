package engine

import (
	"path/filepath"
	"testing"
)

// Change is a new value of one setting.
type Change struct {
	Key    string // a dotted key is a path
	Value  any
	Secret bool
}

// PreviewChange previews a change without keeping it. It returns the plan even if the preview fails.
func (s *Stack) PreviewChange(t *testing.T, change Change) (*Plan, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), stackFile(s.name))
	content := readYAML(t, s.file)
	if !change.Secret {
		setPath(content["config"].(map[string]any), prefix+change.Key, change.Value)
	}
	writeYAML(t, file, content)
	if change.Secret {
		s.Pulumi(t, "config", "set", "--config-file", file, "--secret", "--path", prefix+change.Key, change.Value.(string))
	}
	return s.Operate(t, "preview", "--diff", "--config-file", file)
}
