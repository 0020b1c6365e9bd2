package main

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The server's namespace, and the name of its objects.
const (
	serverNamespace = "farm-database"
	serverName      = "mariadb"
)

// image is the image of the server: https://hub.docker.com/_/mariadb
const image = "mariadb:11.8.8"

// server is the MariaDB that all wikis share.
type server struct {
	provider     pulumi.ResourceOption
	namespace    pulumi.StringPtrOutput
	address      pulumi.StringOutput
	rootPassword pulumi.StringOutput
	// first makes an object wait until the server answers its clients.
	first pulumi.ResourceOption
}

// newServer creates the server. Its namespace and its volume remain when the stack is destroyed, and a new stack adopts them.
func newServer(ctx *pulumi.Context, rootPassword pulumi.StringOutput, provider pulumi.ResourceOption) (*server, error) {
	s := &server{rootPassword: rootPassword, provider: provider}
	namespace, err := corev1.NewNamespace(ctx, serverNamespace, &corev1.NamespaceArgs{Metadata: &metav1.ObjectMetaArgs{
		Name:   pulumi.String(serverNamespace),
		Labels: pulumi.StringMap{"pod-security.kubernetes.io/enforce": pulumi.String("restricted")},
	}}, provider, pulumi.RetainOnDelete(true))
	if err != nil {
		return nil, err
	}
	s.namespace = namespace.Metadata.Name()
	policies, err := s.isolate(ctx)
	if err != nil {
		return nil, err
	}
	service, err := corev1.NewService(ctx, serverName, &corev1.ServiceArgs{
		Metadata: s.named(serverName),
		Spec: &corev1.ServiceSpecArgs{
			Selector: serverPods.MatchLabels,
			Ports:    corev1.ServicePortArray{corev1.ServicePortArgs{Port: pulumi.Int(3306), Protocol: pulumi.String("TCP")}},
			// Clients get MariaDB's own answer while it starts, instead of none.
			PublishNotReadyAddresses: pulumi.Bool(true),
		},
	}, provider)
	if err != nil {
		return nil, err
	}
	s.address = service.Spec.ClusterIP().Elem()
	set, err := s.newSet(ctx)
	s.first = pulumi.DependsOn(append(policies, set))
	return s, err
}

// newSet creates the StatefulSet that runs MariaDB, with its volume and root's password.
func (s *server) newSet(ctx *pulumi.Context) (*appsv1.StatefulSet, error) {
	secret, err := corev1.NewSecret(ctx, serverName, &corev1.SecretArgs{
		Metadata: s.metadata(), StringData: pulumi.StringMap{"root-password": s.rootPassword},
	}, s.provider)
	if err != nil {
		return nil, err
	}
	claim, err := corev1.NewPersistentVolumeClaim(ctx, serverName, &corev1.PersistentVolumeClaimArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name: pulumi.String(serverName), Namespace: s.namespace,
			// The provider would wait forever for a claim that is already bound: https://github.com/pulumi/pulumi-kubernetes/issues/4179
			Annotations: pulumi.StringMap{"pulumi.com/skipAwait": pulumi.String("true")},
		},
		Spec: &corev1.PersistentVolumeClaimSpecArgs{
			AccessModes: pulumi.ToStringArray([]string{"ReadWriteOnce"}),
			Resources:   &corev1.VolumeResourceRequirementsArgs{Requests: pulumi.StringMap{"storage": pulumi.String("32Gi")}},
		},
	}, s.provider, pulumi.RetainOnDelete(true))
	if err != nil {
		return nil, err
	}
	return appsv1.NewStatefulSet(ctx, serverName, &appsv1.StatefulSetArgs{
		Metadata: s.named(serverName),
		Spec: &appsv1.StatefulSetSpecArgs{
			ServiceName: pulumi.String(serverName),
			Replicas:    pulumi.Int(1), // two servers would destroy the data on their volume
			Selector:    serverPods,
			Template:    serverPod(secret, claim),
		},
	}, s.provider)
}

// isolate lets only the Jobs that create databases connect to the server. The Jobs may connect to nothing else, and the server to nothing.
// [server.add] admits the wikis.
func (s *server) isolate(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	clients := labelled("app", "client")
	both := pulumi.ToStringArray([]string{"Ingress", "Egress"})
	var policies []pulumi.Resource
	for name, spec := range map[string]*networkingv1.NetworkPolicySpecArgs{
		serverName: {
			PodSelector: serverPods, PolicyTypes: both,
			Ingress: networkingv1.NetworkPolicyIngressRuleArray{networkingv1.NetworkPolicyIngressRuleArgs{
				From: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{PodSelector: clients}}, Ports: port(),
			}},
		},
		"client": {
			PodSelector: clients, PolicyTypes: both,
			Egress: networkingv1.NetworkPolicyEgressRuleArray{networkingv1.NetworkPolicyEgressRuleArgs{
				To: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{PodSelector: serverPods}}, Ports: port(),
			}},
		},
	} {
		args := &networkingv1.NetworkPolicyArgs{Metadata: s.named(name), Spec: spec}
		policy, err := networkingv1.NewNetworkPolicy(ctx, name, args, s.provider)
		if err != nil {
			return nil, err
		}
		policies = append(policies, policy)
	}
	return policies, nil
}

// serverPod runs MariaDB for some 25 wikis with 40 connections each. Only the buffer pool, which caches tables, grows with what is read.
func serverPod(secret *corev1.Secret, claim *corev1.PersistentVolumeClaim) *corev1.PodTemplateSpecArgs {
	probe := func(period, timeout, failures int, checks ...string) *corev1.ProbeArgs {
		return &corev1.ProbeArgs{
			Exec:          &corev1.ExecActionArgs{Command: pulumi.ToStringArray(append([]string{"healthcheck.sh"}, checks...))},
			PeriodSeconds: pulumi.Int(period), TimeoutSeconds: pulumi.Int(timeout), FailureThreshold: pulumi.Int(failures),
		}
	}
	mariadb := &corev1.ContainerArgs{
		Name:  pulumi.String(serverName),
		Image: pulumi.String(image),
		Args: pulumi.ToStringArray([]string{
			"mariadbd", "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=96M", "--max-connections=1000",
			"--max-allowed-packet=64M", "--tmp-table-size=16M", "--max-heap-table-size=16M", "--aria-pagecache-buffer-size=16M",
			"--skip-name-resolve",
			// Beyond this a query fails. Without it, Kubernetes would evict the Pod.
			"--loose-max-tmp-total-space-usage=8G",
			// With ON, two edits at once would cause error 1020, which MediaWiki does not expect.
			"--loose-innodb-snapshot-isolation=OFF",
		}),
		Env: corev1.EnvVarArray{
			corev1.EnvVarArgs{Name: pulumi.String("MARIADB_ROOT_PASSWORD_FILE"), Value: pulumi.String("/secrets/root-password")},
			corev1.EnvVarArgs{Name: pulumi.String("MARIADB_AUTO_UPGRADE"), Value: pulumi.String("1")},
			corev1.EnvVarArgs{Name: pulumi.String("MARIADB_INITDB_SKIP_TZINFO"), Value: pulumi.String("1")},
		},
		Ports: corev1.ContainerPortArray{corev1.ContainerPortArgs{ContainerPort: pulumi.Int(3306)}},
		VolumeMounts: corev1.VolumeMountArray{
			mount("data", "/var/lib/mysql", "mysql"), mount("secrets", "/secrets", ""),
			mount("run", "/run/mysqld", ""), mount("tmp", "/tmp", ""),
		},
		Resources: resources("200m", "384Mi", "1536Mi", "9Gi"),
		// The first start creates the data, which takes minutes on a slow SD card.
		StartupProbe:   probe(2, 20, 450, "--connect", "--innodb_initialized"),
		ReadinessProbe: probe(10, 30, 3, "--connect", "--innodb_initialized"),
		LivenessProbe:  probe(30, 30, 4, "--connect"),
	}
	return podTemplate(serverName, &corev1.PodSpecArgs{
		TerminationGracePeriodSeconds: pulumi.Int(120), // MariaDB writes its buffer pool to the volume
		Volumes: corev1.VolumeArray{
			corev1.VolumeArgs{Name: pulumi.String("data"), PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSourceArgs{
				ClaimName: claim.Metadata.Name().Elem(),
			}},
			secretVolume("secrets", secret),
			corev1.VolumeArgs{Name: pulumi.String("run"), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{
				Medium: pulumi.String("Memory"), SizeLimit: pulumi.String("1Mi"),
			}},
			corev1.VolumeArgs{Name: pulumi.String("tmp"), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{SizeLimit: pulumi.String("9Gi")}},
		},
	}, mariadb)
}

// named returns the metadata of an object with a fixed name. After an update that was killed, the next one adopts such an object, for which
// the name of its fields' manager must be fixed, too.
func (s *server) named(name string) *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: s.namespace, Annotations: pulumi.StringMap{
		"pulumi.com/patchFieldManager": pulumi.String("farm"),
	}}
}

// metadata returns the metadata of an object whose name ends in random digits.
func (s *server) metadata() *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{Namespace: s.namespace}
}
