package unit

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

var (
	soupHash  = strings.Repeat("5a", 32)
	tableHash = strings.Repeat("7b", 32)
)

// withPackages adds an extension and a skin.
func withPackages(a *components.MediaWikiStackArgs) {
	a.Wiki.Extensions = pulumi.ToStringArray([]string{"Cite", "Soup"})
	a.Wiki.Skins = pulumi.ToStringArray([]string{"Vector", "Tablecloth"})
	a.Wiki.Packages = []components.PackageArgs{
		{Name: "Soup", URL: "https://example.org/Soup.tar.gz", SHA256: soupHash},
		{Name: "Tablecloth", URL: "http://example.org:8000/Tablecloth.zip", SHA256: tableHash},
	}
}

// packageMounts returns which packages a container mounts, by path.
func packageMounts(t *testing.T, c corev1.Container) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, mount := range c.VolumeMounts {
		if strings.HasPrefix(mount.Name, "package") && (c.Name == "packages" || mount.MountPath != "/packages") {
			assert.Equal(t, c.Name != "packages" || mount.Name != "packages", mount.ReadOnly, "%s of %s", mount.MountPath, c.Name)
			found[mount.MountPath] = mount.SubPath
		}
	}
	return found
}

func TestPodsMountThePackagesOfTheirRevision(t *testing.T) {
	promise(t, wikiArgs(withPackages), func(t *testing.T, r *mocks.Recording) {
		want := map[string]string{
			"/var/www/html/extensions/Soup": soupHash + "/files", "/var/www/html/skins/Tablecloth": tableHash + "/files",
		}
		pods := r.Pods()
		for pod, names := range map[string][]string{
			"mediawiki-app": {"mediawiki", "files"}, "mediawiki-jobs": {"jobs"}, "mediawiki-migration": {"migration"},
		} {
			for _, name := range names {
				assert.Equal(t, want, packageMounts(t, container(t, pods[pod].Spec, name)), name)
			}
		}
		assert.Empty(t, packageMounts(t, container(t, webPod(t, r), "wait")), "it starts before the packages are approved")
	})
}

func TestOnlyTheMigrationStoresPackages(t *testing.T) {
	trusted := func(a *components.MediaWikiStackArgs) { a.Wiki.PackageAuthorities = pulumi.String("a bundle") }
	promise(t, wikiArgs(withPackages, trusted), func(t *testing.T, r *mocks.Recording) {
		for name, template := range r.Pods() {
			for _, c := range containers(template.Spec) {
				for _, mount := range c.VolumeMounts {
					if mount.Name == "packages" && !mount.ReadOnly {
						assert.Equal(t, "mediawiki-migration packages /packages", name+" "+c.Name+" "+mount.MountPath)
					}
				}
			}
		}
		pod := r.Pods()["mediawiki-migration"].Spec
		last := pod.InitContainers[len(pod.InitContainers)-1]
		require.Equal(t, "packages", last.Name, "after the sidecars, which run beside it, and before the migration")
		assert.Equal(t, map[string]string{"/packages": ""}, packageMounts(t, last), "the image shows what it bundles")
		var list []map[string]string
		require.NoError(t, json.Unmarshal([]byte(variable(last, "MEDIAWIKI_PACKAGES")), &list))
		assert.Equal(t, map[string]string{"name": "Soup", "url": "https://example.org/Soup.tar.gz", "sha256": soupHash}, list[0])
		assert.Equal(t, "a bundle", variable(last, "PACKAGE_AUTHORITIES"))
		rules := get[batchv1.Job](t, r, "mediawiki-migration").Spec.PodFailurePolicy.Rules
		assert.Equal(t, "packages", *rules[len(rules)-1].OnExitCodes.ContainerName, "a signal is no failure")
	})
}

func TestClaimForPackagesExistsWithArchives(t *testing.T) {
	claims := func(r *mocks.Recording) map[string]*corev1.PersistentVolumeClaim {
		found := map[string]*corev1.PersistentVolumeClaim{}
		for _, claim := range mocks.All[corev1.PersistentVolumeClaim](r) {
			found[claim.Name] = claim
		}
		return found
	}
	many := func(a *components.MediaWikiStackArgs) {
		a.Wiki.Uploads.AccessMode = components.ReadWriteMany
		a.Wiki.Uploads.Volume.StorageClass = pulumi.String("nfs")
	}
	promise(t, wikiArgs(withPackages, many), func(t *testing.T, r *mocks.Recording) {
		claim := claims(r)["mediawiki-packages"]
		require.NotNil(t, claim)
		assert.Equal(t, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, claim.Spec.AccessModes)
		assert.Equal(t, "nfs", *claim.Spec.StorageClassName)
		assert.Equal(t, "2Gi", claim.Spec.Resources.Requests.Storage().String())
	})
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) { assert.NotContains(t, claims(r), "mediawiki-packages") })
}

func TestAnotherArchiveIsAnotherRevisionAndAnotherAddressIsNot(t *testing.T) {
	revision := func(changes ...change) (revision, job string) {
		r := update(t, wikiArgs(append([]change{withPackages}, changes...)...))
		web := get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Template.Spec
		return variable(container(t, web, "mediawiki"), "MEDIAWIKI_REVISION"), get[batchv1.Job](t, r, "mediawiki-migration").Name
	}
	plain, job := revision()
	same, another := revision(func(a *components.MediaWikiStackArgs) { a.Wiki.Packages[0].URL = "https://example.com/Soup.tar.gz" })
	assert.Equal(t, plain, same)
	assert.NotEqual(t, job, another, "the migration downloads from the new address, if it has to")
	other, _ := revision(func(a *components.MediaWikiStackArgs) { a.Wiki.Packages[0].SHA256 = tableHash })
	assert.NotEqual(t, plain, other)
}

func TestMigrationAloneReachesServersOfPackages(t *testing.T) {
	_, egress := connections(t, withPackages)
	assert.Subset(t, egress, []string{"mediawiki-migration > anywhere: 443", "mediawiki-migration > anywhere: 8000"})
	for _, line := range egress {
		if strings.Contains(line, "anywhere: 443") || strings.Contains(line, "anywhere: 8000") {
			assert.Contains(t, line, "mediawiki-migration")
		}
	}
}

func TestMistakeInAPackageIsRefused(t *testing.T) {
	err := refusal(t, wikiArgs(withPackages, func(a *components.MediaWikiStackArgs) {
		a.Wiki.Packages[0].SHA256 = ""
		a.Wiki.Packages = append(a.Wiki.Packages, components.PackageArgs{
			Name: "Soup", URL: "s3:https://s3.example.org/packages/Soup.zip", SHA256: soupHash,
		})
	}))
	require.ErrorContains(t, err, `Wiki.Packages[0] is "Soup"; set it to sha256: `)
	require.ErrorContains(t, err, `Wiki.Packages[2] is "Soup", as another one is`)
	assert.ErrorContains(t, err, `Wiki.Packages[2] is on S3; set Backups.Remote to S3`)
}

func TestEachClaimWithArchivesIsOneVolume(t *testing.T) {
	fromClaims := func(a *components.MediaWikiStackArgs) {
		withPackages(a)
		a.Wiki.Packages[0].URL, a.Wiki.Packages[1].URL = "file:archives/Soup.zip", "file:archives/Tablecloth.zip"
		a.Wiki.Packages = append(a.Wiki.Packages, components.PackageArgs{
			Name: "Stew", URL: "file:mediawiki-uploads/Stew.zip", SHA256: strings.Repeat("1c", 32),
		})
	}
	promise(t, wikiArgs(fromClaims), func(t *testing.T, r *mocks.Recording) {
		pod := r.Pods()["mediawiki-migration"].Spec
		claims, volumes := map[string]int{}, map[string]string{}
		for _, volume := range pod.Volumes {
			if volume.PersistentVolumeClaim != nil {
				claims[volume.PersistentVolumeClaim.ClaimName]++
				volumes[volume.Name] = volume.PersistentVolumeClaim.ClaimName
			}
		}
		want := map[string]int{"archives": 1, "mediawiki-uploads": 1, "mediawiki-backups": 1, "mediawiki-packages": 1}
		assert.Equal(t, want, claims, "the kubelet does not start a Pod that has a claim twice")
		mounted := map[string]bool{}
		for _, mount := range container(t, pod, "packages").VolumeMounts {
			if claim, found := strings.CutPrefix(mount.MountPath, "/package-claims/"); found {
				assert.Equal(t, claim, volumes[mount.Name])
				assert.True(t, mount.ReadOnly)
				mounted[claim] = true
			}
		}
		assert.Equal(t, map[string]bool{"archives": true, "mediawiki-uploads": true}, mounted)
	})
}

func TestPackageCanBeAnImage(t *testing.T) {
	images := func(a *components.MediaWikiStackArgs) {
		withPackages(a)
		a.Wiki.Packages = []components.PackageArgs{
			{Name: "Soup", Image: "example.org/soup:1.2", Path: "extensions/Soup"}, {Name: "Tablecloth", Image: "example.org/cloth:3"},
		}
	}
	promise(t, wikiArgs(images), func(t *testing.T, r *mocks.Recording) {
		want := map[string]string{"/var/www/html/extensions/Soup": "extensions/Soup", "/var/www/html/skins/Tablecloth": ""}
		for pod, names := range map[string][]string{
			"mediawiki-app": {"mediawiki", "files"}, "mediawiki-jobs": {"jobs"}, "mediawiki-migration": {"migration"},
		} {
			spec := r.Pods()[pod].Spec
			for _, name := range names {
				assert.Equal(t, want, packageMounts(t, container(t, spec, name)), name)
			}
			var found []string
			for _, volume := range spec.Volumes {
				if volume.Image != nil {
					assert.Equal(t, corev1.PullIfNotPresent, volume.Image.PullPolicy)
					found = append(found, volume.Image.Reference)
				}
			}
			assert.Equal(t, []string{"example.org/soup:1.2", "example.org/cloth:3"}, found, pod)
		}
		check := container(t, r.Pods()["mediawiki-migration"].Spec, "packages")
		checked := map[string]string{"/package-images/Soup": "", "/package-images/Tablecloth": ""}
		assert.Equal(t, checked, packageMounts(t, check))
		for _, claim := range mocks.All[corev1.PersistentVolumeClaim](r) {
			assert.NotEqual(t, "mediawiki-packages", claim.Name, "nothing is stored")
		}
	})
	plain, other := update(t, wikiArgs(images)), update(t, wikiArgs(images, func(a *components.MediaWikiStackArgs) {
		a.Wiki.Packages[0].Image = "example.org/soup:1.3"
	}))
	revision := func(r *mocks.Recording) string {
		return variable(container(t, webPod(t, r), "mediawiki"), "MEDIAWIKI_REVISION")
	}
	assert.NotEqual(t, revision(plain), revision(other))
}

func TestOnlyTheKeyForS3IsMountedWithPackages(t *testing.T) {
	fromS3 := func(a *components.MediaWikiStackArgs) {
		withPackages(a)
		a.Wiki.Packages[0].URL = "s3:https://s3.example.org/packages/Soup.zip"
	}
	promise(t, wikiArgs(onS3, fromS3), func(t *testing.T, r *mocks.Recording) {
		secrets := map[string]string{}
		for _, mount := range container(t, r.Pods()["mediawiki-migration"].Spec, "packages").VolumeMounts {
			if mount.Name == "remote-secrets" {
				secrets[mount.MountPath] = mount.SubPath
			}
		}
		want := map[string]string{"/etc/mediawiki-remote/s3-credentials": "s3-credentials"}
		assert.Equal(t, want, secrets, "and not the key to the backups")
	})
	promise(t, wikiArgs(onS3, withPackages), func(t *testing.T, r *mocks.Recording) {
		for _, mount := range container(t, r.Pods()["mediawiki-migration"].Spec, "packages").VolumeMounts {
			assert.NotEqual(t, "remote-secrets", mount.Name)
		}
	})
}
