<?php
declare( strict_types=1 );

/** Checks that this user can write to the volumes. */
class VolumeCheck {
	private const VOLUMES = [ 'uploads' => '/var/www/html/images', 'backups' => '/backups' ];

	/**
	 * Fails before anything changes if a volume is not writable. Kubernetes does not give every kind of volume to the Pod's group:
	 * a folder on a node (hostPath) or on a server (NFS) keeps its owner. A full disk is accepted, because a wiki can be read
	 * without space.
	 *
	 * @param array<string, string> $volumes paths by the last word of the claim's name
	 */
	public static function run( array $volumes = self::VOLUMES ): void {
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
			throw new PermanentFailure( "user $id cannot write to " . implode( ', nor to ', $closed ) . ".\n"
				. "  type: sudo chown -R $id FOLDER     (on the machine that has it; kubectl get pv -o custom-columns=\\\n"
				. "        CLAIM:.spec.claimRef.name,HOSTPATH:.spec.hostPath.path,LOCAL:.spec.local.path,NFS:.spec.nfs says which "
				. 'folder it is)' );
		}
	}
}
