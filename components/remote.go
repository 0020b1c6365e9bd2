package components

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Remote is where a restic repository is.
type Remote struct {
	SFTP bool // else it is S3
	Host string
	Port int
}

// scpAddress is restic's other way to write an address of SFTP, after OpenSSH's scp. It has no port.
var scpAddress = regexp.MustCompile(`^sftp:([^@:/]+)@([^@:/]+):(.+)$`)

var errRemote = errors.New(
	`"s3:https://HOST[:PORT]/BUCKET[/PATH]" or "sftp://USER@HOST[:PORT]/PATH" (with // before a path from the root), ` +
		`without spaces or a password`)

// ParseRemote reads the address of a restic repository. The error is what an address should be.
func ParseRemote(address string) (*Remote, error) {
	if strings.ContainsAny(address, " \t\n'\"") {
		return nil, errRemote
	}
	if scp := scpAddress.FindStringSubmatch(address); scp != nil {
		return &Remote{SFTP: true, Host: scp[2], Port: 22}, nil
	}
	s3, isS3 := strings.CutPrefix(address, "s3:")
	u, err := url.Parse(s3)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
		return nil, errRemote
	}
	_, hasPassword := u.User.Password()
	ports := map[string]int{"sftp": 22}
	if isS3 {
		ports = map[string]int{"https": 443, "http": 80}
	}
	port, known := ports[u.Scheme]
	if !known || hasPassword || (u.User != nil) == isS3 {
		return nil, errRemote
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, errRemote
		}
	}
	return &Remote{SFTP: !isS3, Host: u.Hostname(), Port: port}, nil
}

// remote is how Pods reach the repository. It may be nil.
type remote struct {
	args   RemoteArgs
	port   int
	secret pulumi.StringOutput // name of a Secret
}

func newRemote(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, args *MediaWikiStackArgs, opts ...pulumi.ResourceOption,
) (*remote, error) {
	r := args.Backups.Remote
	if r.Address == "" {
		return nil, nil
	}
	parsed, err := ParseRemote(r.Address)
	if err != nil {
		return nil, err
	}
	data := pulumi.StringMap{"backups-password": passwordOr(r.Password, args.MasterSecret, labelBackupsPassword)}
	if parsed.SFTP {
		data["ssh-key"] = pulumi.Sprintf("%s\n", r.Secret)
		data["known-hosts"] = pulumi.Sprintf("%s\n", r.KnownHosts)
	} else {
		data["s3-credentials"] = pulumi.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", r.Key, r.Secret)
	}
	secret, err := corev1.NewSecret(ctx, name+"-remote", &corev1.SecretArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: namespace.ToStringOutput().ToStringPtrOutput()}, StringData: data,
	}, opts...)
	if err != nil {
		return nil, err
	}
	return &remote{args: r, port: parsed.Port, secret: nameOf(secret, secret.Metadata)}, nil
}

// egress is the way to the repository.
func (r *remote) egress() networkingv1.NetworkPolicyEgressRuleArray {
	if r == nil {
		return nil
	}
	return networkingv1.NetworkPolicyEgressRuleArray{
		networkingv1.NetworkPolicyEgressRuleArgs{Ports: policyPorts("TCP", pulumi.Int(r.port))},
	}
}

// withRemote gives a Pod that has the volume for backups a sidecar with restic, which copies them when it is asked to. It alone has the
// keys to the repository.
func (t *tierArgs) withRemote(spec *corev1.PodSpecArgs, container *corev1.ContainerArgs) {
	if t.remote == nil {
		return
	}
	address, pipes := pulumi.String(t.remote.args.Address), mount("remote", "/run/remote", "")
	sidecar := &corev1.ContainerArgs{
		Name:            pulumi.String("remote"),
		Image:           t.remote.args.Image.ToStringOutput().ToStringPtrOutput(),
		RestartPolicy:   pulumi.String("Always"),
		Command:         pulumi.ToStringArray([]string{"sh", "/etc/mediawiki-stack/remote.sh"}),
		Env:             environment(map[string]pulumi.StringInput{"RESTIC_REPOSITORY": address}),
		SecurityContext: restrictedContainer(),
		Resources:       remoteNeed.resources(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("settings", "/etc/mediawiki-stack", ""),
			mount("settings", "/etc/passwd", "passwd"), // OpenSSH runs for nobody whom it does not know by name
			mount("remote-secrets", secretsPath, ""),
			mount("remote-tmp", "/tmp", ""),
			mount("backups", "/backups", ""),
			pipes,
		},
	}
	container.VolumeMounts = append(container.VolumeMounts.(corev1.VolumeMountArray), pipes)
	container.Env = append(container.Env.(corev1.EnvVarArray), corev1.EnvVarArgs{Name: pulumi.String("BACKUPS_REMOTE"), Value: address})
	spec.Volumes = append(spec.Volumes.(corev1.VolumeArray),
		secretVolume("remote-secrets", t.remote.secret), emptyVolume("remote", memory), emptyVolume("remote-tmp", disk))
	spec.InitContainers = append(spec.InitContainers.(corev1.ContainerArray), sidecar)
}
