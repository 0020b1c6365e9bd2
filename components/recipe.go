package components

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recipePort is the port that the MediaWiki image listens on by itself.
const recipePort = 80

// provisionRecipe makes what the article makes, to the letter: two containers in each Pod, without a probe, and a volume
// that ends with the Pod. Only the database's user and password come from a Secret instead of standing in the manifest.
func (s *MediaWikiStack) provisionRecipe(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) error {
	namespace, err := s.namespace(ctx, name, args)
	if err != nil {
		return err
	}
	metadata := &metav1.ObjectMetaArgs{Namespace: namespace.ToStringOutput().ToStringPtrOutput()}
	password := passwordOr(args.Database.Password, args.MasterSecret, labelDatabasePassword)
	mariadb, err := s.newSidecar(ctx, name, args, metadata, password)
	if err != nil {
		return err
	}
	web, err := newRecipeWeb(ctx, name, args, metadata, mariadb, pulumi.Parent(s))
	if err != nil {
		return err
	}
	s.setOutputs(namespace, web, args)
	s.DatabaseHost = pulumi.String("127.0.0.1").ToStringOutput()
	s.DatabasePassword = password
	s.AdminUser = pulumi.String("").ToStringOutput()
	s.AdminPassword = pulumi.String("").ToStringOutput()
	return nil
}

// newSidecar registers the Database part, and returns the container that Web runs beside MediaWiki.
func (s *MediaWikiStack) newSidecar(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, metadata *metav1.ObjectMetaArgs, password pulumi.StringOutput,
) (*corev1.ContainerArgs, error) {
	db := &database{}
	if err := ctx.RegisterComponentResource(DatabaseToken, name, db, pulumi.Parent(s)); err != nil {
		return nil, err
	}
	const user, word = "user", "password"
	secret, err := corev1.NewSecret(ctx, name+"-db", &corev1.SecretArgs{
		Metadata:   metadata,
		StringData: pulumi.StringMap{"database": args.Database.Name, user: args.Database.User, word: password},
	}, pulumi.Parent(db), args.Timeouts.resourceOption())
	if err != nil {
		return nil, err
	}
	if err := warnThatNothingIsKept(ctx, db, *args.Replicas); err != nil {
		return nil, err
	}
	return &corev1.ContainerArgs{
		Name:  pulumi.String("mariadb-container"),
		Image: args.Database.Image.ToStringOutput().ToStringPtrOutput(),
		Env: corev1.EnvVarArray{
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_DATABASE"), Value: args.Database.Name.ToStringOutput().ToStringPtrOutput()},
			fromSecret("MYSQL_USER", secret, user),
			fromSecret("MYSQL_PASSWORD", secret, word),
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_RANDOM_ROOT_PASSWORD"), Value: pulumi.String("yes")},
		},
	}, ctx.RegisterResourceOutputs(db, pulumi.Map{})
}

func fromSecret(variable string, secret *corev1.Secret, key string) corev1.EnvVarArgs {
	return corev1.EnvVarArgs{Name: pulumi.String(variable), ValueFrom: &corev1.EnvVarSourceArgs{
		SecretKeyRef: &corev1.SecretKeySelectorArgs{Name: nameOf(secret, secret.Metadata).ToStringPtrOutput(), Key: pulumi.String(key)},
	}}
}

// warnThatNothingIsKept warns, in preview and up, that this mode loses what users write.
func warnThatNothingIsKept(ctx *pulumi.Context, db *database, replicas int) error {
	warning := "the database runs inside each Pod: what is written in the wiki is lost with its Pod"
	if replicas > 1 {
		warning += fmt.Sprintf(
			", and each of the %d replicas has a database of its own, so readers see %d different wikis", replicas, replicas)
	}
	return ctx.Log.Warn(warning, &pulumi.LogArgs{Resource: db})
}

func newRecipeWeb(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, metadata *metav1.ObjectMetaArgs, mariadb *corev1.ContainerArgs,
	opts ...pulumi.ResourceOption,
) (*web, error) {
	w := &web{}
	if err := ctx.RegisterComponentResource(WebToken, name, w, opts...); err != nil {
		return nil, err
	}
	labels := pulumi.StringMap{"app": pulumi.String(name + "-app")}
	child := []pulumi.ResourceOption{pulumi.Parent(w), args.Timeouts.resourceOption()}
	if _, err := appsv1.NewDeployment(ctx, name+"-app", &appsv1.DeploymentArgs{
		Metadata: metadata,
		Spec: &appsv1.DeploymentSpecArgs{
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels},
			Replicas: pulumi.Int(*args.Replicas),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels},
				Spec:     recipePod(args.Image, mariadb),
			},
		},
	}, child...); err != nil {
		return nil, err
	}
	labelled := &metav1.ObjectMetaArgs{Namespace: metadata.Namespace, Labels: labels}
	if err := w.newService(ctx, name+"-srv", args.address(), labelled, labels, recipePort, child...); err != nil {
		return nil, err
	}
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{})
}

func recipePod(image pulumi.StringInput, mariadb *corev1.ContainerArgs) *corev1.PodSpecArgs {
	const uploads = "mediawiki-volume"
	return &corev1.PodSpecArgs{
		Containers: corev1.ContainerArray{
			&corev1.ContainerArgs{
				Name:  pulumi.String("mediawiki-container"),
				Image: image.ToStringOutput().ToStringPtrOutput(),
				VolumeMounts: corev1.VolumeMountArray{
					corev1.VolumeMountArgs{MountPath: pulumi.String("/var/www/html/images"), Name: pulumi.String(uploads)},
				},
				Ports: corev1.ContainerPortArray{corev1.ContainerPortArgs{ContainerPort: pulumi.Int(recipePort)}},
			},
			mariadb,
		},
		Volumes: corev1.VolumeArray{corev1.VolumeArgs{Name: pulumi.String(uploads), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{}}},
	}
}
