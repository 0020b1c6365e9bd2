package components

import (
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mariadbID is the id of user and group mysql in the image.
const mariadbID = 999

func newStatefulSet(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, labels pulumi.StringMap, pod *corev1.PodSpecArgs,
	opts ...pulumi.ResourceOption,
) (*appsv1.StatefulSet, error) {
	return appsv1.NewStatefulSet(ctx, name, &appsv1.StatefulSetArgs{
		Metadata: lasting(namespace, name),
		Spec: &appsv1.StatefulSetSpecArgs{
			ServiceName: pulumi.String(name),
			Replicas:    pulumi.Int(1), // two servers on one volume would destroy it
			Selector:    &metav1.LabelSelectorArgs{MatchLabels: labels},
			Template:    &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: pod},
		},
	}, opts...)
}

func mariadbPod(args *databaseArgs, secret, config, claim pulumi.StringOutput) *corev1.PodSpecArgs {
	// InnoDB writes its pages back before it ends. On a slow card that takes more than the usual half minute.
	const shutdownSeconds = 120
	spec := restrictedPod(mariadbID)
	spec.TerminationGracePeriodSeconds = pulumi.Int(shutdownSeconds)
	spec.Volumes = corev1.VolumeArray{
		claimVolume("data", claim),
		configMapVolume("config", config),
		secretVolume("secrets", secret),
		emptyVolume("run", memory),
		emptyVolume("tmp", disk),
	}
	spec.Containers = corev1.ContainerArray{&corev1.ContainerArgs{
		Name:            pulumi.String("mariadb"),
		Image:           args.Image.ToStringOutput().ToStringPtrOutput(),
		Command:         pulumi.ToStringArray([]string{"bash", "/etc/mediawiki-stack/start.sh"}),
		Env:             environment(mariadbVariables(args)),
		Ports:           corev1.ContainerPortArray{corev1.ContainerPortArgs{ContainerPort: pulumi.Int(DefaultDatabasePort)}},
		SecurityContext: restrictedContainer(),
		Resources:       args.need().resources(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("data", "/var/lib/mysql", "mysql"),
			mount("data", "/var/lib/mediawiki-stack", "stack"),
			mount("config", "/etc/mediawiki-stack", ""),
			mount("config", "/etc/mysql/conf.d/mediawiki-stack.cnf", "my.cnf"),
			mount("secrets", secretsPath, ""),
			mount("run", "/run/mysqld", ""),
			mount("tmp", "/tmp", ""),
		},
		// The first start makes the data directory: minutes on a slow card. Until then nothing may kill it.
		StartupProbe: execProbe(probeTiming{period: 2, timeout: 20, failures: 450}, "bash", "/etc/mediawiki-stack/ready.sh"),
		// Each of these starts programs, which a small machine notices.
		ReadinessProbe: execProbe(probeTiming{period: 10, timeout: 10, failures: 3}, "bash", "/etc/mediawiki-stack/ready.sh"),
		LivenessProbe:  execProbe(probeTiming{period: 30, timeout: 10, failures: 4}, "healthcheck.sh", "--connect"),
	}}
	return spec
}

// mariadbVariables are what start.sh is told.
func mariadbVariables(args *databaseArgs) map[string]pulumi.StringInput {
	variables := map[string]pulumi.StringInput{
		"DATABASE_NAME": args.Name,
		"BUFFER_POOL":   pulumi.String(strconv.Itoa(args.BufferPool)),
		"CONNECTIONS":   pulumi.String(strconv.Itoa(args.Connections)),
	}
	if args.storage == StorageGentle {
		variables["GENTLE"] = pulumi.String("true")
	}
	return variables
}
