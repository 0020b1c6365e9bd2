package components

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// packages converts the packages. They may be invalid.
func (w *WikiArgs) packages() []packages.Package {
	all := make([]packages.Package, len(w.Packages))
	for i, p := range w.Packages {
		all[i] = packages.Package(p)
	}
	return all
}

// hasArchives reports whether a package is stored on the claim for packages.
func (w *WikiArgs) hasArchives() bool { return packages.HasArchives(w.packages()) }

// checkPackages reports packages that cannot be used.
func (args *MediaWikiStackArgs) checkPackages() error {
	var errs []error
	seen := map[string]bool{}
	for i, p := range args.Wiki.packages() {
		if err := p.Check(); err != nil {
			errs = append(errs, fmt.Errorf("Wiki.Packages[%d] is %q; set it to %w", i, p.Name, err))
		}
		if seen[p.Name] {
			errs = append(errs, fmt.Errorf("Wiki.Packages[%d] is %q, as another one is; give each package its own name", i, p.Name))
		}
		seen[p.Name] = true
		if source, err := p.Source(); err == nil && source.S3 {
			if remote, err := addresses.ParseRemote(args.Backups.Remote.Address); err != nil || remote.SFTP {
				errs = append(errs, fmt.Errorf("Wiki.Packages[%d] is on S3; set Backups.Remote to S3: its keys sign the request", i))
			}
		}
	}
	return errors.Join(errs...)
}

// identities returns a hash that identifies the content of each package, by the package's name. Pages and the schema depend on it.
func (w *WikiArgs) identities() pulumi.StringMap {
	all := pulumi.StringMap{}
	for _, p := range w.Packages {
		identity := p.SHA256
		if p.Image != "" {
			identity = marks.ShortHash(p.Image, p.Path)
		}
		all[p.Name] = pulumi.String(identity)
	}
	return all
}

// mountPackages mounts the packages in the containers of a Pod where MediaWiki expects extensions and skins. The kubelet mounts a subPath
// when it starts a container, and these containers start only after the migration has approved the packages, or has stored them.
func (m *mediawiki) mountPackages(p *pod, containers ...*container) {
	if len(m.args.Wiki.Packages) == 0 {
		return
	}
	p.volumes = append(p.volumes, m.packageVolumes()...)
	for _, pkg := range m.args.Wiki.Packages {
		volume, path := packagesVolume, pkg.SHA256+"/files"
		if pkg.Image != "" {
			volume, path = imageVolumeName(pkg.Name), pkg.Path
		}
		for _, c := range containers {
			args := mount(volume, "", path)
			args.MountPath, args.ReadOnly = m.packageFolder(pkg.Name), pulumi.Bool(true)
			c.mounts = append(c.mounts, args)
		}
	}
}

const packagesVolume = "packages"

// packageVolumes returns the claim with archives, if there are any, and a volume for each image.
func (m *mediawiki) packageVolumes() []corev1.VolumeInput {
	var volumes []corev1.VolumeInput
	if m.args.Wiki.hasArchives() {
		volumes = append(volumes, claimVolume(packagesVolume, m.claims.packages))
	}
	for _, pkg := range m.args.Wiki.Packages {
		if pkg.Image != "" {
			volumes = append(volumes, corev1.VolumeArgs{
				Name:  pulumi.String(imageVolumeName(pkg.Name)),
				Image: corev1.ImageVolumeSourceArgs{Reference: pulumi.String(pkg.Image), PullPolicy: pulumi.String("IfNotPresent")},
			})
		}
	}
	return volumes
}

// imageVolumeName returns the name of the volume with a package's image. Not every name of a package is a valid name of a volume.
func imageVolumeName(pkg string) string { return "package-" + marks.ShortHash(pkg) }

// packageFolder returns where MediaWiki expects a package. The settings say whether it is a skin.
func (w *wiki) packageFolder(name string) pulumi.StringOutput {
	return w.args.Wiki.Skins.ToStringArrayOutput().ApplyT(func(skins []string) string {
		if slices.Contains(skins, name) {
			return "/var/www/html/skins/" + name
		}
		return "/var/www/html/extensions/" + name
	}).(pulumi.StringOutput)
}

// addPackages gives the migration's Pod an init container that stores archives and checks all packages. Only this container can write to
// the volume for packages, and it runs no code of a package.
func (m *mediawiki) addPackages(p *pod) {
	if len(m.args.Wiki.Packages) == 0 {
		return
	}
	c := m.program("packages", m.packagesEnvironment(), "packages")
	c.explains = true
	if m.args.Wiki.hasArchives() {
		// An archive that is in a backup need not be downloaded.
		c.mounts = append(c.mounts, mount(packagesVolume, "/packages", ""), mount("backups", "/backups", ""))
		if m.remote != nil {
			c.env["BACKUPS_REMOTE"] = pulumi.String(m.args.Backups.Remote.Address)
			c.mounts = append(c.mounts, mount("remote", "/run/remote", ""))
		}
		if m.args.Backups.RestoreFrom != nil {
			c.env["MEDIAWIKI_RESTORE_FROM"] = m.args.Backups.RestoreFrom
		}
	}
	if m.args.Wiki.PackageAuthorities != nil {
		c.env["PACKAGE_AUTHORITIES"] = m.args.Wiki.PackageAuthorities
	}
	signed := false
	for _, pkg := range m.args.Wiki.packages() {
		source, err := pkg.Source()
		switch {
		case pkg.Image != "":
			// Mount the whole image: with a path that does not exist, the container would never start, and nothing would say why.
			c.mounts = append(c.mounts, readOnly(mount(imageVolumeName(pkg.Name), "/package-images/"+pkg.Name, "")))
		case err == nil && source.Claim != "":
			m.mountPackageClaim(p, c, source.Claim)
		}
		signed = signed || source.S3
	}
	if signed {
		c.mounts = append(c.mounts, mount("remote-secrets", "/etc/mediawiki-remote/s3-credentials", "s3-credentials"))
	}
	p.initContainers = append(p.initContainers, c)
}

// mountPackageClaim mounts a claim that has archives. A Pod with two volumes of the same claim never starts:
// https://github.com/kubernetes/kubernetes/issues/28502
func (m *mediawiki) mountPackageClaim(p *pod, c *container, claim string) {
	volume, has := map[string]string{
		parts.UploadsClaim(m.name): "uploads", parts.BackupsClaim(m.name): "backups", parts.PackagesClaim(m.name): packagesVolume,
	}[claim]
	path := pulumi.String("/package-claims/" + claim)
	if slices.ContainsFunc(c.mounts, func(mount corev1.VolumeMountInput) bool { return mount.(corev1.VolumeMountArgs).MountPath == path }) {
		return // another archive is on the same claim
	}
	if !has {
		volume = "package-claim-" + marks.ShortHash(claim)
		p.volumes = append(p.volumes, claimVolume(volume, pulumi.String(claim).ToStringOutput()))
	}
	c.mounts = append(c.mounts, readOnly(mount(volume, string(path), "")))
}

// backUpPackages gives a Pod's container what it needs to add the packages to backups. The Pod must have the volume for packages.
func (m *mediawiki) backUpPackages(c *container) {
	if len(m.args.Wiki.Packages) == 0 {
		return
	}
	maps.Copy(c.env, m.packagesEnvironment())
	if m.args.Wiki.hasArchives() {
		c.mounts = append(c.mounts, readOnly(mount(packagesVolume, "/packages", "")))
	}
}

// packagesEnvironment returns the list of packages, and the limits that decide which of their archives a backup contains, see
// src/PackageBackup.php.
func (m *mediawiki) packagesEnvironment() map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{
		"MEDIAWIKI_PACKAGES": pulumi.String(m.args.Wiki.packagesJSON()),
		"BACKUPS_KEPT":       pulumi.Sprintf("%d", m.args.Backups.Keep),
		"BACKUPS_SIZE":       pulumi.String(strconv.Itoa(m.sizes.Backups.Volume.Mebibytes())),
	}
}

// packagesJSON returns the packages as src/Packages.php reads them.
func (w *WikiArgs) packagesJSON() string {
	list := make([]map[string]string, len(w.Packages))
	for i, p := range w.Packages {
		list[i] = map[string]string{"name": p.Name}
		for key, value := range map[string]string{"url": p.URL, "sha256": p.SHA256, "image": p.Image, "path": p.Path} {
			if value != "" {
				list[i][key] = value
			}
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts can always be marshalled
	}
	return string(text)
}

// packagePorts returns the ports of the servers that have archives.
func (w *WikiArgs) packagePorts() []int {
	var ports []int
	for _, p := range w.packages() {
		if source, err := p.Source(); err == nil && source.Port != 0 && !slices.Contains(ports, source.Port) {
			ports = append(ports, source.Port)
		}
	}
	slices.Sort(ports)
	return ports
}

// readOnly returns a mount that cannot be written to.
func readOnly(mount corev1.VolumeMountArgs) corev1.VolumeMountArgs {
	mount.ReadOnly = pulumi.Bool(true)
	return mount
}
