package components

import (
	"slices"
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// roles says which of two databases is the primary.
type roles struct {
	configMap pulumi.StringOutput
	primary   pulumi.StringOutput // the label "app" of its Pods
	replica   pulumi.StringOutput
}

// newRoles creates the ConfigMap with the roles, or adopts the one that the stack retained with the volumes, and reads it from the cluster.
func newRoles(ctx *pulumi.Context, w *wiki, db *database) (*roles, error) {
	name := parts.Roles(w.name)
	metadata := w.stableMetadata(name)
	configMap, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
		Metadata: metadata, Data: pulumi.StringMap{"members": pulumi.String("1 2")},
	}, w.childOf(db, w.args.retainData())...)
	if err != nil {
		return nil, err
	}
	// During the first preview there is nothing to read.
	current := configMap.ID().ApplyT(func(id pulumi.ID) (pulumi.StringMapOutput, error) {
		read, err := corev1.GetConfigMap(ctx, name+"-now", id, &corev1.ConfigMapState{}, pulumi.Parent(db))
		if err != nil {
			return pulumi.StringMapOutput{}, err
		}
		return read.Data, nil
	}).(pulumi.StringMapOutput)
	app := func(leads bool) pulumi.StringOutput {
		return current.ApplyT(func(data map[string]string) string {
			if (data[parts.PrimaryKey] == parts.SecondMember) == leads {
				return parts.Database2.Of(w.name)
			}
			return parts.Database.Of(w.name)
		}).(pulumi.StringOutput)
	}
	return &roles{configMap: configMap.Metadata.Name().Elem(), primary: app(true), replica: app(false)}, nil
}

// tellReplica gives a container the IP address of the replica, if there is one. A name would require a host alias in every Pod of
// MediaWiki, and adding the alias to the migration's Pod would run the migration again.
func (db *database) tellReplica(c *container) {
	if db.replica != nil {
		c.env["DATABASE_REPLICA"] = clusterIP(db.replica)
	}
}

// replicated reports whether the wiki has two databases.
func (db *DatabaseArgs) replicated() bool { return db.Mode == DatabaseStatefulSet && db.Replicas > 1 }

// database2 is the part that runs the second MariaDB on another node. It replicates the first one; after a promotion, the first one
// replicates it.
type database2 struct{ pulumi.ResourceState }

// newDatabase2 creates the second MariaDB, if the wiki has two. It waits for the first MariaDB, whose data it copies, and its Pod keeps off
// the node that has the volume of the claim first.
func newDatabase2(ctx *pulumi.Context, w *wiki, db *database, first *corev1.PersistentVolumeClaim) error {
	if !w.args.Database.replicated() {
		return nil
	}
	second := &database2{}
	if err := w.register(ctx, parts.Database2, second); err != nil {
		return err
	}
	name, child := parts.Database2.Of(w.name), w.childOf(second, pulumi.DependsOn([]pulumi.Resource{db.server}))
	claim, err := newClaim(ctx, w, name, second, w.args.Database.Volume, ReadWriteOnce)
	if err != nil {
		return err
	}
	if err := newNetworkPolicy(ctx, w, parts.Database2, child...); err != nil {
		return err
	}
	// The node matters only until this Pod has its own volume. Changes of the affinity are ignored, so that an update does not replace the
	// Pod when the node of the first volume becomes known.
	child = append(child, pulumi.IgnoreChanges([]string{"spec.template.spec.affinity.nodeAffinity"}))
	if db.second, err = newDatabaseSet(ctx, w, parts.Database2, db, claim, awayFrom(ctx, w, first), child...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(second, pulumi.Map{})
}

// newDatabaseSet creates the StatefulSet of a MariaDB. If the wiki has two, nodes limits where this one runs; nil allows every node.
func newDatabaseSet(
	ctx *pulumi.Context, w *wiki, part parts.Part, db *database, claim pulumi.StringOutput, nodes corev1.NodeAffinityPtrInput,
	opts ...pulumi.ResourceOption,
) (*appsv1.StatefulSet, error) {
	name, image := part.Of(w.name), w.args.Database.Image
	pod := mariadbPod(w, db.secret, db.config, claim)
	if w.args.Database.replicated() {
		db.replicate(w, part, pod, nodes)
	}
	return w.newStatefulSet(ctx, name, &appsv1.StatefulSetArgs{
		Metadata: w.workloadMetadata(name, image),
		Spec: &appsv1.StatefulSetSpecArgs{
			ServiceName: pulumi.String(name),
			Replicas:    pulumi.Int(1), // two servers would destroy the data on their volume
			Selector:    w.selector(part),
			Template:    pod.template(w.podLabels(part, image), nil),
		},
	}, opts...)
}

// replicate makes a Pod one of two databases: it adds what MariaDB needs for replication, and the container that decides which role the Pod
// has.
func (db *database) replicate(w *wiki, part parts.Part, p *pod, nodes corev1.NodeAffinityPtrInput) {
	other, member := parts.Database2, 1
	if part == parts.Database2 {
		other, member = parts.Database, 2
	}
	apart := otherNode(w.selector(other))
	apart.NodeAffinity = nodes
	p.affinity = apart
	p.hostAliases = append(slices.Clip(db.hostAliases), hostAlias(db.replica, parts.Replica(w.name)))
	p.volumes = append(p.volumes, configMapVolume("roles", db.roles.configMap))
	mariadb := p.containers[0]
	mariadb.env["MEMBER"] = pulumi.String(strconv.Itoa(member))
	mariadb.env["REPLICA_TIMEOUT"] = pulumi.String(strconv.Itoa(*w.args.Database.ReplicaTimeout * 1000))
	mariadb.mounts = append(mariadb.mounts, mount("config", "/etc/mysql/conf.d/mediawiki-stack-replication.cnf", "replication.cnf"))
	mariadb.readiness = execProbe(probeTiming{period: 10, timeout: 30, failures: 3}, "bash", "/etc/mediawiki-stack/ready.sh", "serving")
	p.containers = append(p.containers, &container{
		name:    "replication",
		image:   w.args.Database.Image,
		command: []string{"bash", "/etc/mediawiki-stack/replicate.sh"},
		env: map[string]pulumi.StringInput{
			"MEMBER":        pulumi.String(strconv.Itoa(member)),
			"DATABASE_NAME": w.args.Database.Name,
			"PRIMARY_HOST":  pulumi.String(parts.Database.Of(w.name)),
			"REPLICA_HOST":  pulumi.String(parts.Replica(w.name)),
		},
		need: w.sizes.Need("replication"),
		mounts: corev1.VolumeMountArray{
			mount("data", "/var/lib/mediawiki-stack", "stack"),
			mount("config", "/etc/mediawiki-stack", ""),
			mount("roles", "/etc/mediawiki-roles", ""),
			mount("secrets", secretsPath, ""),
			mount("run", "/run/mysqld", ""),
			mount("tmp", "/tmp", ""),
		},
	})
}

// otherNode keeps a Pod off the nodes on which the selected Pods run.
func otherNode(selector metav1.LabelSelectorPtrInput) *corev1.AffinityArgs {
	return &corev1.AffinityArgs{PodAntiAffinity: &corev1.PodAntiAffinityArgs{
		RequiredDuringSchedulingIgnoredDuringExecution: corev1.PodAffinityTermArray{corev1.PodAffinityTermArgs{
			LabelSelector: selector, TopologyKey: pulumi.String(hostname),
		}},
	}}
}

// awayFrom keeps a Pod off the node of a claim's volume, if the volume is bound to a node. Anti-affinity to the Pod that mounts the volume
// is not enough: it has no effect while that Pod restarts, and if another Pod took its place, it could not start again.
func awayFrom(ctx *pulumi.Context, w *wiki, claim *corev1.PersistentVolumeClaim) corev1.NodeAffinityPtrOutput {
	// During the preview that announces the claim, there is nothing to read.
	volume := claim.ID().ApplyT(func(id pulumi.ID) (pulumi.StringPtrOutput, error) {
		name := parts.Database.Of(w.name) + "-now"
		read, err := corev1.GetPersistentVolumeClaim(ctx, name, id, &corev1.PersistentVolumeClaimState{}, pulumi.Parent(claim))
		if err != nil {
			return pulumi.StringPtrOutput{}, err
		}
		return read.Spec.VolumeName(), nil
	}).(pulumi.StringPtrOutput)
	return volume.ApplyT(func(name *string) (corev1.NodeAffinityPtrOutput, error) {
		if name == nil || *name == "" {
			return pulumi.ToOutput((*corev1.NodeAffinity)(nil)).(corev1.NodeAffinityPtrOutput), nil
		}
		read, err := corev1.GetPersistentVolume(ctx, *name, pulumi.ID(*name), &corev1.PersistentVolumeState{}, pulumi.Parent(claim))
		if err != nil {
			return corev1.NodeAffinityPtrOutput{}, err
		}
		return read.Spec.NodeAffinity().ApplyT(notWhere).(corev1.NodeAffinityPtrOutput), nil
	}).(corev1.NodeAffinityPtrOutput)
}

// notWhere returns the opposite of a volume's node affinity, or nil if that names no nodes.
func notWhere(volume *corev1.VolumeNodeAffinity) *corev1.NodeAffinity {
	if volume == nil || volume.Required == nil {
		return nil
	}
	var others []corev1.NodeSelectorRequirement
	for _, term := range volume.Required.NodeSelectorTerms {
		for _, need := range term.MatchExpressions {
			if need.Key == hostname && need.Operator == "In" {
				others = append(others, corev1.NodeSelectorRequirement{Key: hostname, Operator: "NotIn", Values: need.Values})
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	return &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: others}},
	}}
}
