package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/require"
)

// Plan is what the engine did, or in a preview would do.
type Plan struct {
	// Changes has a line for each resource that is not left as it is, in alphabetical order: what is done to it, its kind and
	// name, and the paths of the properties that differ, with the names of environment variables. "update Deployment mediawiki-app:
	// spec.replicas". "retain" is done to what leaves the stack and stays in the cluster.
	Changes []string
	// Announced is what the preview said before, with lines such as those of Changes. A command without a preview has none.
	Announced []string
	// Outputs are the stack's.
	Outputs map[string]any
	// Printed is what a user saw.
	Printed string

	refreshed map[string]bool // by URN; what became of those is known only when they are done
}

// readPlan reads the streams of events of a command that printed this: of its preview, if it had one, and of what it did. A command
// that is refused at once has none.
func readPlan(streams []string, printed string) (*Plan, error) {
	var p Plan
	for _, events := range streams {
		announced := p.Changes
		p = Plan{Announced: announced, refreshed: make(map[string]bool)}
		for decoder := json.NewDecoder(strings.NewReader(events)); ; {
			var event apitype.EngineEvent
			err := decoder.Decode(&event)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("the engine's log: %w", err)
			}
			p.add(event)
		}
		slices.Sort(p.Changes)
	}
	p.Printed = printed
	return &p, nil
}

// announced checks that the preview was honest: what was changed is what it said would be. It may say more, because what depends on a value
// that only the cluster knows may turn out not to change.
func (p *Plan) announced(t *testing.T) *Plan {
	t.Helper()
	subjects := func(changes []string) []string {
		of := make([]string, 0, len(changes))
		for _, change := range changes {
			subject, _, _ := strings.Cut(change, ": ")
			of = append(of, subject)
		}
		return of
	}
	require.Subset(t, subjects(p.Announced), subjects(p.Changes), "what the preview announced")
	return p
}

func (p *Plan) add(event apitype.EngineEvent) {
	if pre := event.ResourcePreEvent; pre != nil {
		if pre.Metadata.Op == apitype.OpRefresh {
			p.refreshed[pre.Metadata.URN] = true
		} else {
			p.change(pre.Metadata)
		}
	}
	if done := event.ResOutputsEvent; done != nil {
		if p.refreshed[done.Metadata.URN] {
			p.change(done.Metadata)
		}
		if done.Metadata.Type == "pulumi:pulumi:Stack" && done.Metadata.New != nil {
			p.Outputs = done.Metadata.New.Outputs
		}
	}
}

func (p *Plan) change(m apitype.StepEventMetadata) {
	if m.Op == apitype.OpSame {
		return
	}
	text := fmt.Sprintf("%s %s %s", operation(m), m.Type[strings.LastIndex(m.Type, ":")+1:], urn.URN(m.URN).Name())
	if m.Op == apitype.OpUpdate || m.Op == apitype.OpReplace {
		paths := make(map[string]bool)
		for path := range m.DetailedDiff {
			paths[named(path, m)] = true
		}
		text += ": " + strings.Join(slices.Sorted(maps.Keys(paths)), " ")
	}
	p.Changes = append(p.Changes, text)
}

// operation is the engine's own word, but for what leaves the stack and stays in the cluster: the engine calls that deleted too.
func operation(m apitype.StepEventMetadata) string {
	if (m.Op == apitype.OpDelete || m.Op == apitype.OpDeleteReplaced) && m.Old != nil && m.Old.RetainOnDelete {
		return "retain"
	}
	return string(m.Op)
}
