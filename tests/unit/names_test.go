package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatHoldsDataHasAFixedName(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, res := range append(r.all(claimToken), r.all(serverToken)...) {
			assert.Equal(t, res.Name, at(t, res.Inputs.Mappable(), "metadata", "name"), res.TypeToken)
		}
		for _, res := range r.all(claimToken) {
			settled := []string{"spec.accessModes", "spec.storageClassName"}
			assert.Equal(t, settled, res.RegisterRPC.GetIgnoreChanges(), "nothing replaces %s", res.Name)
		}
	})
}

func TestWhatIsMadeAgainAfterAKillHasTheSameNameAndManager(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, token := range []string{serverToken, serviceToken, deploymentToken, cronJobToken, policyToken, budgetToken} {
			require.NotEmpty(t, r.all(token), token)
			for _, res := range r.all(token) {
				metadata := at(t, res.Inputs.Mappable(), "metadata")
				assert.Equal(t, res.Name, at(t, metadata, "name"), token)
				assert.Equal(t, "mediawiki-stack", at(t, metadata, "annotations", "pulumi.com/patchFieldManager"), token)
			}
		}
		if !r.preview { // of a new wiki it does not know the addresses that the Job is given
			assert.Regexp(t, "^mediawiki-migration-[0-9a-f]{10}$", at(t, r.one(t, jobToken), "metadata", "name"))
		}
	})
}
