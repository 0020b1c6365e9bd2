package components

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type settingsArgs struct {
	WikiArgs
	namespace    pulumi.StringInput
	image        pulumi.StringInput
	database     *database
	databaseName pulumi.StringInput
	caches       []string // addresses, see [MediaWikiStackArgs].caches
	objectCache  string   // address, see objectCacheAddress
	timeouts     TimeoutsArgs
	cookiePrefix pulumi.StringInput // of no other wiki
	egress       bool               // whether MediaWiki reaches anything outside the wiki

	user, password pulumi.StringInput // of the database
	masterSecret   pulumi.StringInput
}

// settings is the part that every Pod of MediaWiki reads: its LocalSettings.php with all that goes with it, and its secrets.
type settings struct {
	pulumi.ResourceState

	configMap pulumi.StringOutput
	secret    pulumi.StringOutput
	secrets   pulumi.StringMap // what the Secret holds
	gate      pulumi.StringOutput
}

func newSettings(ctx *pulumi.Context, name string, args *settingsArgs, opts ...pulumi.ResourceOption) (*settings, error) {
	s := &settings{}
	if err := ctx.RegisterComponentResource(SettingsToken, name, s, opts...); err != nil {
		return nil, err
	}
	child := []pulumi.ResourceOption{pulumi.Parent(s), args.timeouts.resourceOption()}
	metadata := &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput()}

	data := mediawikiFiles()
	wiki := wikiJSON(args)
	extra := extraPHP(args.ExtraSettings)
	s.gate = gate(args.image, data, wiki, extra)
	data["wiki.json"], data["extra.php"] = wiki, extra
	configMap, err := corev1.NewConfigMap(ctx, name+"-settings", &corev1.ConfigMapArgs{Metadata: metadata, Data: data}, child...)
	if err != nil {
		return nil, err
	}
	s.secrets = pulumi.StringMap{
		secretKeyUser:     args.user,
		secretKeyPassword: args.password,
		"secret-key":      derive(args.masterSecret, labelSecretKey),
		"upgrade-key":     derive(args.masterSecret, labelUpgradeKey),
		"mail-password":   args.Mail.Password,
	}
	secret, err := corev1.NewSecret(ctx, name+"-settings", &corev1.SecretArgs{Metadata: metadata, StringData: s.secrets}, child...)
	if err != nil {
		return nil, err
	}
	s.configMap, s.secret = nameOf(configMap, configMap.Metadata), nameOf(secret, secret.Metadata)
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"gate": s.gate})
}

// wikiJSON is what LocalSettings.php and the migration have to know of this wiki. It holds no secret.
func wikiJSON(args *settingsArgs) pulumi.StringOutput {
	return pulumi.JSONMarshal(pulumi.Map{
		"siteName":    args.SiteName,
		"language":    args.Language,
		"timezone":    args.Timezone,
		"skins":       args.Skins,
		"skin":        args.Skin,
		"extensions":  args.Extensions,
		"access":      pulumi.String(args.Access),
		"adminUser":   args.AdminUser,
		"caches":      pulumi.ToStringArray(args.caches),
		"objectCache": pulumi.String(args.objectCache),
		"cookies":     args.cookiePrefix,
		"egress":      pulumi.Bool(args.egress),
		"updater":     pulumi.ToStringMap(UpdaterBegins),
		"uploads": pulumi.Map{
			"enabled": pulumi.Bool(*args.Uploads.Enabled),
			"types":   args.Uploads.Types,
			"maxSize": args.Uploads.MaxSize,
		},
		"mail": pulumi.Map{
			"host": pulumi.String(args.Mail.Host),
			"port": args.Mail.Port,
			"from": args.Mail.From,
			"user": args.Mail.User,
		},
		"database": pulumi.Map{
			"host": args.database.host,
			"port": args.database.port,
			"name": args.databaseName,
		},
	})
}

// extraPHP is the user's settings as a PHP file, whether or not they say themselves that they are PHP.
func extraPHP(snippet pulumi.StringInput) pulumi.StringOutput {
	return snippet.ToStringOutput().ApplyT(func(text string) string {
		if strings.HasPrefix(strings.TrimSpace(text), "<?php") {
			return strings.TrimSpace(text) + "\n"
		}
		return fmt.Sprintf("<?php\n%s\n", text)
	}).(pulumi.StringOutput)
}

// gate names what a database has to be migrated for: an image, and settings.
func gate(image pulumi.StringInput, files pulumi.StringMap, wiki, extra pulumi.StringOutput) pulumi.StringOutput {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		texts = append(texts, name, string(files[name].(pulumi.String)))
	}
	return pulumi.All(image, wiki, extra).ApplyT(func(all []any) string {
		return shortHash(append(texts, all[0].(string), all[1].(string), all[2].(string))...)
	}).(pulumi.StringOutput)
}
