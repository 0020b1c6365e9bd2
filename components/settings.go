package components

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/lifecycle"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

// settings is the part with the files that every Pod of MediaWiki reads: LocalSettings.php, the files that it and Apache read, and the
// secrets.
type settings struct {
	pulumi.ResourceState

	configMap pulumi.StringOutput
	secret    pulumi.StringOutput
	secrets   pulumi.StringMap // what the Secret holds
	revision  pulumi.StringOutput
}

func newSettings(ctx *pulumi.Context, w *wiki, db *database) (*settings, error) {
	s := &settings{}
	if err := w.register(ctx, parts.Settings, s); err != nil {
		return nil, err
	}
	name, child := parts.Settings.Of(w.name), w.childOf(s)
	data, wiki, extra := webFiles(), wikiJSON(w, db), extraPHP(w.args.Wiki.ExtraSettings)
	data["robots.txt"] = w.args.robots(data["robots.txt"])
	s.revision = revision(w.args, data, wiki, extra)
	data["wiki.json"], data["extra.php"] = wiki, extra
	configMap, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
		Metadata: w.metadata(), Data: data, BinaryData: w.pictures.files(),
	}, child...)
	if err != nil {
		return nil, err
	}
	s.secrets = pulumi.StringMap{
		secretKeyUser:     w.args.Database.User,
		secretKeyPassword: db.password,
		"secret-key":      derive(w.args.MasterSecret, secrets.SecretKey),
		"upgrade-key":     derive(w.args.MasterSecret, secrets.UpgradeKey),
		"mail-password":   w.args.Wiki.Mail.Password,
	}
	secret, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: w.metadata(), StringData: s.secrets}, child...)
	if err != nil {
		return nil, err
	}
	s.configMap, s.secret = nameOf(configMap, configMap.Metadata), nameOf(secret, secret.Metadata)
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"revision": s.revision})
}

// wikiJSON returns the values of this wiki for LocalSettings.php and for programs. It contains no secret.
func wikiJSON(w *wiki, db *database) pulumi.StringOutput {
	args := w.args.Wiki
	return pulumi.JSONMarshal(pulumi.Map{
		"siteName":    args.SiteName,
		"language":    args.Language,
		"timezone":    args.Timezone,
		"skins":       args.Skins,
		"skin":        args.Skin,
		"extensions":  args.Extensions,
		"packages":    args.identities(),
		"pictures":    w.pictures.addresses(),
		"access":      pulumi.String(args.Access),
		"adminUser":   args.AdminUser,
		"caches":      pulumi.ToStringArray(w.purgeAddresses()),
		"objectCache": pulumi.String(objectCacheAddress(w.name)),
		"cookies":     pulumi.Sprintf("%s-%s", w.args.Namespace, w.name),
		"egress":      pulumi.Bool(len(w.args.Egress) > 0),
		"updater":     pulumi.ToStringMap(lifecycle.UpdaterBegins),
		"uploads": pulumi.Map{
			"enabled": pulumi.Bool(*args.Uploads.Enabled),
			"types":   args.Uploads.Types,
			"maxSize": pulumi.Int(args.Uploads.MaxSize),
		},
		"mail": pulumi.Map{
			"host": pulumi.String(args.Mail.Host),
			"port": args.Mail.Port,
			"from": args.Mail.From,
			"user": args.Mail.User,
		},
		"database": pulumi.Map{
			"host": db.host,
			"port": db.port,
			"name": w.args.Database.Name,
		},
	})
}

// extraPHP returns the user's settings as a PHP file, whether or not they begin with "<?php".
func extraPHP(snippet pulumi.StringInput) pulumi.StringOutput {
	return snippet.ToStringOutput().ApplyT(func(text string) string {
		if strings.HasPrefix(strings.TrimSpace(text), "<?php") {
			return strings.TrimSpace(text) + "\n"
		}
		return fmt.Sprintf("<?php\n%s\n", text)
	}).(pulumi.StringOutput)
}

// revision returns a hash of everything that a page is made of: image, web files, values, extra settings and address. Pods of a revision
// wait until the migration has approved it; Varnish and the parser cache keep the pages of revisions apart.
func revision(args *MediaWikiStackArgs, files pulumi.StringMap, wiki, extra pulumi.StringOutput) pulumi.StringOutput {
	texts := []string{args.SiteURL}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		texts = append(texts, name, string(files[name].(pulumi.String)))
	}
	return pulumi.All(args.Image, wiki, extra).ApplyT(func(all []any) string {
		return marks.ShortHash(append(texts, all[0].(string), all[1].(string), all[2].(string))...)
	}).(pulumi.StringOutput)
}
