package components

import (
	"encoding/json"
	"maps"
	"strconv"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

// migration is the part that installs the wiki and updates its schema: one Job.
type migration struct {
	pulumi.ResourceState

	job           *batchv1.Job
	adminPassword pulumi.StringOutput
}

// first returns the option that makes an object change only after the migration has succeeded, so that a migration that fails leaves
// everything as it was: the Pods, and the Services and policies that lead readers to them.
func (m *migration) first() pulumi.ResourceOption { return pulumi.DependsOn([]pulumi.Resource{m.job}) }

func newMigration(ctx *pulumi.Context, w *wiki, mw *mediawiki) (*migration, error) {
	m := &migration{adminPassword: passwordOr(w.args.Wiki.AdminPassword, w.args.MasterSecret, secrets.AdminPassword)}
	if err := w.register(ctx, parts.Migration, m); err != nil {
		return nil, err
	}
	name, child := parts.Migration.Of(w.name), w.childOf(m)
	secrets := maps.Clone(mw.settings.secrets)
	secrets["web-user"], secrets["web-password"] = w.args.Database.User, mw.database.password
	secrets[secretKeyUser], secrets[secretKeyPassword] = w.args.Database.MigrationUser, mw.database.migrationPassword
	secrets["admin-password"] = m.adminPassword
	secret, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: w.metadata(), StringData: secrets}, child...)
	if err != nil {
		return nil, err
	}
	if err := newNetworkPolicy(ctx, w, parts.Migration, child...); err != nil {
		return nil, err
	}
	programs, err := newPrograms(ctx, w, parts.Migration, migrationPrograms, child...)
	if err != nil {
		return nil, err
	}
	spec := migrationSpec(mw, nameOf(secret, secret.Metadata), programs)
	metadata := w.workloadMetadata(name, w.args.Image, pulumi.StringMap{
		"pulumi.com/replaceUnready": pulumi.String("true"), // retries a Job that has failed
	})
	// A Job's spec is immutable except for this field, so the Job's name contains a hash of the rest. A change creates a new Job, which
	// must succeed before the old one is deleted.
	metadata.Name = spec.ToJobSpecOutput().ApplyT(func(spec batchv1.JobSpec) (string, error) {
		spec.ActiveDeadlineSeconds = nil
		text, err := json.Marshal(spec)
		return name + "-" + marks.ShortHash(string(text)), err
	}).(pulumi.StringOutput).ToStringPtrOutput()
	m.job, err = batchv1.NewJob(ctx, name, &batchv1.JobArgs{Metadata: metadata, Spec: spec}, child...)
	if err != nil {
		return nil, err
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{})
}

func migrationPod(mw *mediawiki, secret pulumi.StringOutput, programs *programs) *pod {
	env := map[string]pulumi.StringInput{
		"MEDIAWIKI_REFUSED_FOR": pulumi.String(strconv.Itoa(refusedFor(mw.args.Database.Mode))),
		"MEDIAWIKI_ROLE":        pulumi.String("migration"),
		"MEDIAWIKI_MIGRATION":   pulumi.String(programs.hash()), // a changed program must approve the revision again
	}
	if mw.args.Backups.RestoreFrom != nil {
		env["MEDIAWIKI_RESTORE_FROM"] = mw.args.Backups.RestoreFrom
	}
	c := mw.program("migration", env, "migrate")
	c.explains = true
	p := mw.pod(secret, programs, mw.sizes.ProgramDisk())
	p.runsOnce = true
	mw.mountUploads(p, c)
	mw.addTools(p, c)
	mw.addRemote(p, c)
	mw.mountPackages(p, c)
	mw.addPackages(p)
	mw.backUpPackages(c)
	p.containers = []*container{c}
	return p
}

func migrationSpec(mw *mediawiki, secret pulumi.StringOutput, programs *programs) batchv1.JobSpecArgs {
	// A migration that fails is not retried. One that was ended from outside, by a node or a signal, does not count as failed.
	rules := batchv1.PodFailurePolicyRuleArray{
		batchv1.PodFailurePolicyRuleArgs{
			Action:          pulumi.String("Ignore"),
			OnPodConditions: batchv1.PodFailurePolicyOnPodConditionsPatternArray{disrupted},
		},
		killed("migration"), // not the sidecars, which a signal always ends
	}
	if len(mw.args.Wiki.Packages) > 0 {
		rules = append(rules, killed("packages"))
	}
	return batchv1.JobSpecArgs{
		BackoffLimit:          pulumi.Int(0),
		PodFailurePolicy:      &batchv1.PodFailurePolicyArgs{Rules: rules},
		ActiveDeadlineSeconds: mw.args.Timeouts.createSeconds(),
		// The template has no other labels, such as the version: changing one would run the migration again.
		Template: migrationPod(mw, secret, programs).template(mw.labels(parts.Migration), nil),
	}
}

// killed returns the rule that ignores the failure of a container that a signal has ended.
func killed(container string) batchv1.PodFailurePolicyRuleArgs {
	return batchv1.PodFailurePolicyRuleArgs{
		Action: pulumi.String("Ignore"),
		OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirementArgs{
			ContainerName: pulumi.String(container),
			Operator:      pulumi.String("In"),
			Values:        pulumi.IntArray{pulumi.Int(exitNotStarted), pulumi.Int(exitKilled), pulumi.Int(exitTerminated)},
		},
	}
}

// Exit codes of a container that was killed before its program started, and of one that a signal ended: 128 and the signal's number.
const (
	exitNotStarted = 128
	exitKilled     = 128 + 9
	exitTerminated = 128 + 15
)

// disrupted is the condition of a Pod that was evicted or lost with its node.
var disrupted = batchv1.PodFailurePolicyOnPodConditionsPatternArgs{
	Type: pulumi.String("DisruptionTarget"), Status: pulumi.String("True"),
}

// refusedFor returns the number of seconds for which to retry after "access denied". Our own MariaDB may still be applying a new password.
func refusedFor(mode string) int {
	if mode == DatabaseExternal {
		return 5
	}
	return 180
}
