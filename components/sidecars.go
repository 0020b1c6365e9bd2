package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// Sidecars run programs that are not in MediaWiki's image. One of our programs in the main container requests them through a pipe.
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/

// addTools gives a Pod's container the volume for backups, and a sidecar with MariaDB's own programs.
func (m *mediawiki) addTools(p *pod, c *container) {
	tools := &container{
		name: "tools", image: m.args.Database.Image, sidecar: true, need: m.sizes.Need("tools"),
		command: []string{"bash", programsPath + "/sidecars/database.sh"},
		env: map[string]pulumi.StringInput{
			"DATABASE_HOST": m.database.host,
			"DATABASE_PORT": pulumi.Sprintf("%d", m.database.port),
			"DATABASE_NAME": m.args.Database.Name,
		},
		mounts: corev1.VolumeMountArray{
			mount("programs", programsPath, ""), mount("secrets", secretsPath, ""), mount("tmp", "/tmp", ""),
		},
	}
	p.volumes = append(p.volumes, claimVolume("backups", m.claims.backups), memoryVolume("tools", sizes.PipesMemory))
	p.initContainers = append(p.initContainers, tools)
	for _, c := range []*container{c, tools} {
		c.mounts = append(c.mounts, mount("backups", "/backups", ""), mount("tools", "/run/tools", ""))
	}
}

// addRemote gives a Pod that has the volume for backups a sidecar with restic, if backups are copied elsewhere. Only the sidecar has the
// keys to the repository.
func (m *mediawiki) addRemote(p *pod, c *container) {
	if m.remote == nil {
		return
	}
	address := pulumi.String(m.args.Backups.Remote.Address)
	pipes := mount("remote", "/run/remote", "")
	c.mounts = append(c.mounts, pipes)
	c.env["BACKUPS_REMOTE"] = address
	p.volumes = append(p.volumes,
		secretVolume("remote-secrets", m.remoteSecret), memoryVolume("remote", sizes.PipesMemory),
		diskVolume("remote-tmp", m.sizes.RemoteDisk()))
	p.initContainers = append(p.initContainers, &container{
		name: "remote", image: m.args.Backups.Remote.Image, sidecar: true, need: m.sizes.Need("remote"),
		command: []string{"sh", programsPath + "/sidecars/repository.sh"},
		env:     map[string]pulumi.StringInput{"RESTIC_REPOSITORY": address},
		mounts: corev1.VolumeMountArray{
			mount("programs", programsPath, ""),
			mount("programs", "/etc/passwd", "sidecars/passwd"), // OpenSSH does not run for a user without a name
			mount("remote-secrets", secretsPath, ""),
			mount("remote-tmp", "/tmp", ""),
			mount("backups", "/backups", ""),
			pipes,
		},
	})
}

// newRemoteSecret creates the Secret with the keys to the repository, and returns its name.
func newRemoteSecret(ctx *pulumi.Context, w *wiki) (pulumi.StringOutput, error) {
	r := w.args.Backups.Remote
	data := pulumi.StringMap{"backups-password": passwordOr(r.Password, w.args.MasterSecret, secrets.BackupsPassword)}
	if w.remote.SFTP {
		data["ssh-key"] = pulumi.Sprintf("%s\n", r.Secret)
		data["known-hosts"] = pulumi.Sprintf("%s\n", r.KnownHosts)
	} else {
		data["s3-credentials"] = pulumi.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", r.Key, r.Secret)
	}
	secret, err := corev1.NewSecret(ctx, parts.RemoteSecret(w.name), &corev1.SecretArgs{Metadata: w.metadata(), StringData: data},
		w.childOf(w.stack)...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return nameOf(secret, secret.Metadata), nil
}
