package state_test

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// clusterUID is the identity of the cluster that the stack is deployed to.
const clusterUID = "c0ffee00-0000-4000-8000-000000000001"

// past is an engine that knows an earlier update of the stack.
type past struct {
	outputs   resource.PropertyMap
	resources resource.PropertyMap
	asked     []string
	torn      int // how many reads find a state that is being written
}

func (*past) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (p *past) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	p.asked = append(p.asked, args.Token)
	if p.torn > 0 {
		p.torn--
		return nil, errors.New("failed to load checkpoint: EOF")
	}
	if args.Token == "pulumi:pulumi:readStackOutputs" {
		return resource.PropertyMap{
			"outputs":           resource.NewObjectProperty(p.outputs),
			"secretOutputNames": resource.NewArrayProperty([]resource.PropertyValue{resource.NewStringProperty("adminPassword")}),
		}, nil
	}
	return resource.PropertyMap{"outputs": resource.NewObjectProperty(p.resources)}, nil
}

func read(t *testing.T, p *past, preview bool) *state.Stack {
	t.Helper()
	var own *state.Stack
	err := pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		own, err = state.Read(ctx)
		return err
	}, pulumi.WithMocks("mediawiki", "test", p), func(info *pulumi.RunInfo) { info.DryRun = preview })
	require.NoError(t, err)
	return own
}

func TestStackKnowsItsWiki(t *testing.T) {
	p := &past{
		outputs: resource.NewPropertyMapFromMap(map[string]any{"url": "http://192.0.2.7:31234", "databaseHost": "mediawiki-db"}),
		resources: resource.NewPropertyMapFromMap(map[string]any{
			"urn:1": map[string]any{"type": "pulumi:providers:kubernetes", "outputs": map[string]any{
				"clusterIdentifier": clusterUID, "context": "microk8s",
			}},
			"urn:2": map[string]any{"type": "kubernetes:core/v1:Namespace", "outputs": map[string]any{
				"metadata": map[string]any{"name": "mediawiki-test", "uid": "1"},
			}},
			"urn:3": map[string]any{"type": "kubernetes:core/v1:Service", "outputs": map[string]any{
				"metadata": map[string]any{"namespace": "mediawiki-test", "uid": "2"},
			}},
			"urn:4": map[string]any{"type": "kubernetes:core/v1:PersistentVolumeClaim", "outputs": map[string]any{
				"metadata": map[string]any{"namespace": "mediawiki-test", "name": "mediawiki-db", "uid": "3"},
			}},
		}),
	}
	for _, preview := range []bool{true, false} {
		own := read(t, p, preview)
		assert.True(t, own.Deployed)
		assert.Equal(t, clusterUID, own.Cluster)
		assert.Equal(t, "microk8s", own.Context)
		assert.Equal(t, "mediawiki-test", own.Namespace)
		assert.Equal(t, map[string]bool{"1": true, "2": true, "3": true}, own.UIDs)
		assert.Equal(t, map[string]string{"mediawiki-db": "3"}, own.Claims)
		assert.Equal(t, "mediawiki-db", own.DatabaseHost)
		assert.Equal(t, marks.Stack("mediawiki", "test"), own.Label)
	}
}

func TestNewStackIsAskedForNothingThatTheEngineDoesNotHave(t *testing.T) {
	p := &past{}
	own := read(t, p, true)
	assert.False(t, own.Deployed)
	assert.Equal(t, []string{"pulumi:pulumi:readStackOutputs"}, p.asked)
}

func TestReadingAStateThatIsBeingWrittenIsRetried(t *testing.T) {
	p := &past{outputs: resource.NewPropertyMapFromMap(map[string]any{"url": "http://192.0.2.7:31234"}), torn: 2}
	read(t, p, false)
	assert.Len(t, p.asked, 4)
}

func TestFailedProgramLeavesTheOutputs(t *testing.T) {
	p := &past{outputs: resource.NewPropertyMapFromMap(map[string]any{"url": "http://192.0.2.7:31234", "adminPassword": "canary"})}
	var exported map[string]pulumi.Input
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		own, err := state.Read(ctx)
		if err == nil {
			own.KeepOutputs(ctx)
			exported = ctx.GetCurrentExportMap()
		}
		return err
	}, pulumi.WithMocks("mediawiki", "test", p)))
	assert.Contains(t, exported, "url")
	assert.True(t, pulumi.IsSecret(exported["adminPassword"].(pulumi.Output)))
}
