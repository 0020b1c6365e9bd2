package components

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

// recipePort is the port that the MediaWiki image listens on by default.
const recipePort = 80

// provisionRecipe creates what the article creates, to the letter: two containers in each Pod, without probes, and a volume that is deleted
// with the Pod. Only the database's user and password are in a Secret instead of in the manifest.
func (s *MediaWikiStack) provisionRecipe(ctx *pulumi.Context, w *wiki) error {
	mariadb, password, err := newRecipeDatabase(ctx, w)
	if err != nil {
		return err
	}
	web, err := newRecipeWeb(ctx, w, mariadb)
	if err != nil {
		return err
	}
	s.setOutputs(w, web.front, pulumi.String("127.0.0.1"), password)
	s.AdminUser, s.Certificate = pulumi.String("").ToStringOutput(), pulumi.String("").ToStringOutput()
	s.AdminPassword = pulumi.String("").ToStringOutput()
	return nil
}

// newRecipeDatabase registers the Database part, and returns the container that runs beside MediaWiki, and its password.
func newRecipeDatabase(ctx *pulumi.Context, w *wiki) (*corev1.ContainerArgs, pulumi.StringOutput, error) {
	args := w.args.Database
	db := &database{password: passwordOr(args.Password, w.args.MasterSecret, secrets.DatabasePassword)}
	if err := w.register(ctx, parts.Database, db); err != nil {
		return nil, db.password, err
	}
	const userKey, passwordKey = "user", "password"
	secret, err := corev1.NewSecret(ctx, parts.Database.Of(w.name), &corev1.SecretArgs{
		Metadata:   w.metadata(),
		StringData: pulumi.StringMap{"database": args.Name, userKey: args.User, passwordKey: db.password},
	}, w.childOf(db)...)
	if err != nil {
		return nil, db.password, err
	}
	if err := warnThatNothingIsKept(ctx, db, *w.args.Replicas); err != nil {
		return nil, db.password, err
	}
	return &corev1.ContainerArgs{
		Name:  pulumi.String("mariadb-container"),
		Image: stringPtr(args.Image),
		Env: corev1.EnvVarArray{
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_DATABASE"), Value: stringPtr(args.Name)},
			fromSecret("MYSQL_USER", secret, userKey),
			fromSecret("MYSQL_PASSWORD", secret, passwordKey),
			corev1.EnvVarArgs{Name: pulumi.String("MYSQL_RANDOM_ROOT_PASSWORD"), Value: pulumi.String("yes")},
		},
	}, db.password, ctx.RegisterResourceOutputs(db, pulumi.Map{})
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

func newRecipeWeb(ctx *pulumi.Context, w *wiki, mariadb *corev1.ContainerArgs) (*web, error) {
	web := &web{}
	if err := w.register(ctx, parts.Web, web); err != nil {
		return nil, err
	}
	labels, child := w.labels(parts.Web), w.childOf(web)
	if err := w.newDeployment(ctx, parts.Web.Of(w.name), &appsv1.DeploymentArgs{
		Metadata: w.metadata(),
		Spec: &appsv1.DeploymentSpecArgs{
			Selector: w.selector(parts.Web),
			Replicas: pulumi.Int(*w.args.Replicas),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels},
				Spec:     recipePod(w.args.Image, mariadb),
			},
		},
	}, child...); err != nil {
		return nil, err
	}
	var err error
	labelled := w.metadata()
	labelled.Labels = labels
	if web.front, err = newFrontService(ctx, w, labelled, parts.Web, recipePort, child...); err != nil {
		return nil, err
	}
	return web, ctx.RegisterResourceOutputs(web, pulumi.Map{})
}

func recipePod(image pulumi.StringInput, mariadb *corev1.ContainerArgs) *corev1.PodSpecArgs {
	const uploads = "mediawiki-volume"
	return &corev1.PodSpecArgs{
		Containers: corev1.ContainerArray{
			&corev1.ContainerArgs{
				Name:  pulumi.String("mediawiki-container"),
				Image: stringPtr(image),
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
