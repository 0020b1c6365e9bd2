<?php
declare( strict_types=1 );

class Disk {
	/**
	 * Deletes a folder with everything in it, and tells whether that succeeded. If not, it prints why. The modes of files are not
	 * changed: they may be hard links to those of other backups.
	 */
	public static function deleteTree( string $folder ): bool {
		$path = escapeshellarg( $folder );
		exec( "rm -rf -- $path 2>/dev/null || { find $path -type d -exec chmod u+rwx {} ';' 2>/dev/null; rm -rf -- $path; } 2>&1",
			$lines, $status );
		if ( $status !== 0 ) {
			Console::say( "cannot delete $folder: " . end( $lines ) );
		}
		return $status === 0;
	}

	/** Creates an empty folder, and deletes what a killed program has left there. */
	public static function createEmpty( string $folder ): void {
		self::deleteTree( $folder );
		if ( !@mkdir( $folder, recursive: true ) ) {
			throw new PermanentFailure( "cannot create $folder: " . Console::lastError() );
		}
	}

	/** Writes everything in a folder's file system to the disk. */
	public static function sync( string $folder ): bool {
		exec( 'sync -f ' . escapeshellarg( $folder ) . ' 2>&1', $lines, $status );
		return $status === 0;
	}
}
