package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/require"
)

// Plan is what the engine changed, or would change in a preview.
type Plan struct {
	// Changes has a line for each changed resource, in alphabetical order: operation, kind and name, and the paths of changed
	// properties, with names instead of indices where the elements of a list have names. An example is "update Deployment mediawiki-app:
	// spec.replicas". The operation "retain" removes a resource from the stack and keeps it in the cluster.
	Changes []string
	// Announced has the changes that the command's own preview announced, in the form of Changes.
	Announced []string
	// Outputs are the stack's outputs.
	Outputs map[string]any
	// Printed is the command's output.
	Printed string

	refreshed map[string]bool // by URN; the result of a refresh is in its last event
}

// readPlan reads the streams of events of a command: of its preview, if it had one, and of the operation. A command that is refused at
// once has no stream.
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

// requireAnnounced checks that the preview announced every change. It may announce more: a resource that depends on a value that only the
// cluster knows may turn out to be unchanged.
func (p *Plan) requireAnnounced(t *testing.T) *Plan {
	t.Helper()
	subjects := func(changes []string) []string {
		all := make([]string, 0, len(changes))
		for _, change := range changes {
			subject, _, _ := strings.Cut(change, ": ")
			all = append(all, subject)
		}
		return all
	}
	require.Subset(t, subjects(p.Announced), subjects(p.Changes), "changes that the preview announced")
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

// harmless are the operations that change nothing in the cluster.
var harmless = []apitype.OpType{
	apitype.OpSame, apitype.OpRead, apitype.OpReadReplacement, apitype.OpReadDiscard, apitype.OpDiscardReplaced,
}

func (p *Plan) change(m apitype.StepEventMetadata) {
	if slices.Contains(harmless, m.Op) {
		return
	}
	text := fmt.Sprintf("%s %s %s", operation(m), m.Type[strings.LastIndex(m.Type, ":")+1:], urn.URN(m.URN).Name())
	if m.Op == apitype.OpUpdate || m.Op == apitype.OpReplace {
		text += ": " + strings.Join(changedPaths(m), " ")
	}
	p.Changes = append(p.Changes, text)
}

// operation returns the engine's name of an operation, or "retain", which the engine reports as a deletion.
func operation(m apitype.StepEventMetadata) string {
	if (m.Op == apitype.OpDelete || m.Op == apitype.OpDeleteReplaced) && m.Old != nil && m.Old.RetainOnDelete {
		return "retain"
	}
	return string(m.Op)
}
