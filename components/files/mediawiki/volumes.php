<?php
// The volumes that Pods of the wiki write to.
declare( strict_types=1 );

// By how the names of their claims end.
const VOLUMES = [ 'uploads' => '/var/www/html/images', 'backups' => '/backups' ];

/**
 * Refuses volumes that this user cannot write to, before anything is changed. Not every kind of volume is given to the Pod's group: a folder
 * on a node (hostPath) or on a server (NFS) keeps its owner. A full disk is no reason: the wiki is read without it.
 */
function checkVolumes( array $volumes = VOLUMES ): void {
	$closed = [];
	foreach ( $volumes as $name => $path ) {
		error_clear_last();
		$file = "$path/.written-" . bin2hex( random_bytes( 4 ) );
		if ( @touch( $file ) ) {
			unlink( $file );
		} elseif ( preg_match( '/Permission denied|Read-only file system/', error_get_last()['message'] ?? '', $found ) ) {
			$closed[] = sprintf( 'the volume for %s: %s, its folder belongs to %d:%d with mode %o',
				$name, $found[0], fileowner( $path ), filegroup( $path ), fileperms( $path ) & 07777 );
		}
	}
	if ( $closed ) {
		$own = fstat( tmpfile() );
		$id = "{$own['uid']}:{$own['gid']}";
		throw new Refusal( "user $id cannot write to " . implode( ', nor to ', $closed ) . ".\n"
			. "  type: sudo chown -R $id FOLDER     (on the machine that has it; kubectl get pv -o custom-columns=\\\n"
			. "        CLAIM:.spec.claimRef.name,HOSTPATH:.spec.hostPath.path,LOCAL:.spec.local.path,NFS:.spec.nfs says which folder it is)" );
	}
}
