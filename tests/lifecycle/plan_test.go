package lifecycle

import (
	"bytes"
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

// plan is what the engine did, or in a preview would do.
type plan struct {
	// changes has a line for each resource that is not left as it is, in alphabetical order: what is done to it, its kind and
	// name, and the paths of the properties that differ. "update Deployment mediawiki-app: spec.replicas".
	changes []string
	// outputs are the stack's.
	outputs map[string]any
	printed string

	refreshed map[string]bool // by URN; what became of those is known only when they are done
}

// readPlan reads the log of a command that printed this.
func readPlan(t *testing.T, log []byte, printed string) *plan {
	t.Helper()
	p := &plan{printed: printed, refreshed: make(map[string]bool)}
	for decoder := json.NewDecoder(bytes.NewReader(log)); ; {
		var event apitype.EngineEvent
		err := decoder.Decode(&event)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "the engine's log")
		p.add(event)
	}
	slices.Sort(p.changes)
	return p
}

func (p *plan) add(event apitype.EngineEvent) {
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
			p.outputs = done.Metadata.New.Outputs
		}
	}
}

func (p *plan) change(m apitype.StepEventMetadata) {
	if m.Op == apitype.OpSame {
		return
	}
	text := fmt.Sprintf("%s %s %s", m.Op, m.Type[strings.LastIndex(m.Type, ":")+1:], urn.URN(m.URN).Name())
	if m.Op == apitype.OpUpdate || m.Op == apitype.OpReplace {
		text += ": " + strings.Join(slices.Sorted(maps.Keys(m.DetailedDiff)), " ")
	}
	p.changes = append(p.changes, text)
}
