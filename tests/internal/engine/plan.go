package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Plan is what the engine did, or in a preview would do.
type Plan struct {
	// Changes has a line for each resource that is not left as it is, in alphabetical order: what is done to it, its kind and
	// name, and the paths of the properties that differ. "update Deployment mediawiki-app: spec.replicas". "retain" is done to what
	// leaves the stack and stays in the cluster.
	Changes []string
	// Outputs are the stack's.
	Outputs map[string]any
	// Printed is what a user saw.
	Printed string

	refreshed map[string]bool // by URN; what became of those is known only when they are done
}

// readPlan reads the log of a command that printed this.
func readPlan(log []byte, printed string) (*Plan, error) {
	p := &Plan{Printed: printed, refreshed: make(map[string]bool)}
	for decoder := json.NewDecoder(bytes.NewReader(log)); ; {
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
	return p, nil
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
		text += ": " + strings.Join(slices.Sorted(maps.Keys(m.DetailedDiff)), " ")
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
