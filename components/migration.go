package components

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type migrationArgs struct {
	tierArgs
	user          pulumi.StringInput
	password      pulumi.StringOutput
	adminPassword pulumi.StringOutput
	restoreFrom   pulumi.StringInput // nil if a new wiki is installed
}

// migration is the part that installs the wiki and brings its schema up to date: one Job, which everything behind it waits for.
type migration struct {
	pulumi.ResourceState

	job *batchv1.Job
}

func newMigration(ctx *pulumi.Context, name string, args *migrationArgs, opts ...pulumi.ResourceOption) (*migration, error) {
	m := &migration{}
	if err := ctx.RegisterComponentResource(MigrationToken, name, m, opts...); err != nil {
		return nil, err
	}
	child := args.child(m)
	wiki := name
	name += "-migration"
	secrets := maps.Clone(args.settings.secrets)
	secrets["web-user"], secrets["web-password"] = secrets[secretKeyUser], secrets[secretKeyPassword]
	secrets[secretKeyUser] = args.user
	secrets[secretKeyPassword] = args.password
	secrets["admin-password"] = args.adminPassword
	secret, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: args.metadata(), StringData: secrets}, child...)
	if err != nil {
		return nil, err
	}
	labels := pulumi.StringMap{"app": pulumi.String(name)}
	egress := slices.Concat(args.egress(), args.outward(), args.remote.egress())
	if err := newPolicy(ctx, name, args.namespace, labels, nil, egress, child...); err != nil {
		return nil, err
	}
	spec := migrationSpec(wiki, args, labels, nameOf(secret, secret.Metadata))
	metadata := lasting(args.namespace, name)
	// Named after all of it that cannot be updated: any other is another Job, which has to succeed before the old one goes.
	metadata.Name = spec.ToJobSpecOutput().ApplyT(func(spec batchv1.JobSpec) (string, error) {
		spec.ActiveDeadlineSeconds = nil
		text, err := json.Marshal(spec)
		return name + "-" + shortHash(string(text)), err
	}).(pulumi.StringOutput).ToStringPtrOutput()
	maps.Copy(metadata.Annotations.(pulumi.StringMap), pulumi.StringMap{
		"pulumi.com/replaceUnready": pulumi.String("true"), // a failed one is tried anew
	})
	m.job, err = batchv1.NewJob(ctx, name, &batchv1.JobArgs{Metadata: metadata, Spec: spec}, child...)
	if err != nil {
		return nil, err
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{})
}

func migrationSpec(wiki string, args *migrationArgs, labels pulumi.StringMap, secret pulumi.StringOutput) batchv1.JobSpecArgs {
	pod := args.pod(secret)
	pod.RestartPolicy = pulumi.String("Never")
	environs := map[string]pulumi.StringInput{
		"MEDIAWIKI_REFUSED_FOR": pulumi.String(refusedFor(args.mariadb.Mode)),
		"MEDIAWIKI_ROLE":        pulumi.String("migration"),
	}
	if args.restoreFrom != nil {
		environs["MEDIAWIKI_RESTORE_FROM"] = args.restoreFrom
	}
	container := args.program("migration", environs, "migrate")
	container.Resources = migrationNeed.resources()
	container.TerminationMessagePolicy = pulumi.String("FallbackToLogsOnError")
	args.withUploads(wiki, pod, container)
	args.withTools(pod, container)
	args.withRemote(pod, container)
	pod.Containers = corev1.ContainerArray{container}

	return batchv1.JobSpecArgs{
		// What the migration itself gives up on is given up. What ended it from outside (a node, a signal) does not count.
		BackoffLimit: pulumi.Int(0),
		PodFailurePolicy: &batchv1.PodFailurePolicyArgs{Rules: batchv1.PodFailurePolicyRuleArray{
			batchv1.PodFailurePolicyRuleArgs{
				Action:          pulumi.String("Ignore"),
				OnPodConditions: batchv1.PodFailurePolicyOnPodConditionsPatternArray{disrupted},
			},
			batchv1.PodFailurePolicyRuleArgs{
				Action: pulumi.String("Ignore"),
				OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirementArgs{
					ContainerName: pulumi.String("migration"), // that of the tools is always ended by a signal
					Operator:      pulumi.String("In"),
					Values:        pulumi.IntArray{pulumi.Int(exitNotStarted), pulumi.Int(exitKilled), pulumi.Int(exitTerminated)},
				},
			},
		}},
		ActiveDeadlineSeconds: args.timeouts.createSeconds(),
		Template:              &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: pod},
	}
}

// Exit codes of a container that was killed before its program started, and of one that a signal ended: 128 and its number.
const (
	exitNotStarted = 128
	exitKilled     = 128 + 9
	exitTerminated = 128 + 15
)

// disrupted is the condition of a Pod that was taken away with its node.
var disrupted = batchv1.PodFailurePolicyOnPodConditionsPatternArgs{
	Type: pulumi.String("DisruptionTarget"), Status: pulumi.String("True"),
}

// refusedFor is how many seconds a database may refuse the password. One of our own is perhaps still on its way to it.
func refusedFor(mode string) string {
	if mode == DatabaseExternal {
		return strconv.Itoa(5)
	}
	return strconv.Itoa(180)
}
