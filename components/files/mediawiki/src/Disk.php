<?php
declare( strict_types=1 );

class Disk {
	/** Deletes a folder with everything in it. */
	public static function deleteTree( string $folder ): void {
		passthru( 'rm -rf -- ' . escapeshellarg( $folder ) );
	}

	/** Writes everything in a folder's file system to the disk. */
	public static function sync( string $folder ): bool {
		exec( 'sync -f ' . escapeshellarg( $folder ) . ' 2>&1', $lines, $status );
		return $status === 0;
	}
}
