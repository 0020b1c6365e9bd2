package components

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// sidecarContainer is the article's MariaDB container: no volume, no probe, a random root password. Only the user and
// the password come from a Secret instead of standing in the Pod.
func sidecarContainer(args *databaseArgs, secret *corev1.Secret) *corev1.ContainerArgs {
	return &corev1.ContainerArgs{
		Name:  pulumi.String("mariadb-container"),
		Image: args.Image.ToStringOutput().ToStringPtrOutput(),
		Env: corev1.EnvVarArray{
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_DATABASE"), Value: args.Name.ToStringOutput().ToStringPtrOutput()},
			envFromSecret("MYSQL_USER", secret, secretKeyUser),
			envFromSecret("MYSQL_PASSWORD", secret, secretKeyPassword),
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_RANDOM_ROOT_PASSWORD"), Value: pulumi.String("yes")},
		},
	}
}

func envFromSecret(name string, secret *corev1.Secret, key string) corev1.EnvVarArgs {
	return corev1.EnvVarArgs{
		Name: pulumi.String(name),
		ValueFrom: &corev1.EnvVarSourceArgs{
			SecretKeyRef: &corev1.SecretKeySelectorArgs{Name: secret.Metadata.Name(), Key: pulumi.String(key)},
		},
	}
}

// warnThatNothingIsKept says in preview and up what this mode means for what readers write.
func warnThatNothingIsKept(ctx *pulumi.Context, db *database, replicas pulumi.IntInput) {
	replicas.ToIntOutput().ApplyT(func(replicas int) (int, error) {
		warning := "the database runs inside each Pod: what is written in the wiki is lost with its Pod"
		if replicas > 1 {
			warning += fmt.Sprintf(
				", and each of the %d replicas has a database of its own, so readers see %d different wikis", replicas, replicas)
		}
		return replicas, ctx.Log.Warn(warning, &pulumi.LogArgs{Resource: db})
	})
}
