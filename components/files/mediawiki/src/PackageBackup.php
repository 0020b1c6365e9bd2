<?php
declare( strict_types=1 );

/**
 * The packages in backups: the manifest lists them, and the folder "packages" has their archives by hash. An archive's
 * hash is compared each time that it is used.
 */
class PackageBackup {
	public function __construct( private readonly PackageStore $store, private readonly string $root = '/backups' ) {
	}

	/**
	 * Copies the archives of the wiki's packages into a backup, and returns the list for its manifest. An archive that another backup has
	 * is linked. The largest archives are left out if those of all kept backups could take more than half of the volume.
	 *
	 * @return array[]
	 */
	public function copyTo( string $backup ): array {
		$packages = Packages::listed();
		$left = intdiv( (int)getenv( 'BACKUPS_SIZE' ) << 20, 2 * max( 1, (int)getenv( 'BACKUPS_KEPT' ) ) );
		$sizes = [];
		foreach ( $packages as $i => $package ) {
			if ( isset( $package['sha256'] ) && $this->store->has( $package['sha256'] ) ) {
				$sizes[$i] = filesize( $this->store->archive( $package['sha256'] ) );
			}
		}
		asort( $sizes );
		foreach ( $sizes as $i => $size ) {
			$left -= $size;
			$packages[$i]['archive'] = $left >= 0 && $this->copyOne( $packages[$i]['sha256'], "$backup/packages" );
			if ( !$packages[$i]['archive'] ) {
				Console::say( "{$packages[$i]['name']}: its archive is not in the backup, which has only its address and hash" );
			}
		}
		return $packages;
	}

	private function copyOne( string $hash, string $folder ): bool {
		$file = "$folder/$hash";
		if ( !is_dir( $folder ) ) {
			mkdir( $folder );
		}
		if ( @link( $this->find( $hash ), $file ) || @copy( $this->store->archive( $hash ), $file ) && Archive::sum( $file ) === $hash ) {
			return true;
		}
		@unlink( $file );
		return false;
	}

	/** Returns the path of an archive in any backup; "" if none has it. */
	private function find( string $hash ): string {
		foreach ( glob( "$this->root/*/packages/$hash" ) as $file ) {
			if ( Archive::sum( $file ) === $hash ) {
				return $file;
			}
		}
		return '';
	}

	/**
	 * Writes an archive to a file: from a backup on the volume, or else by a download, or, if that fails while the wiki is being restored,
	 * from the backup that it is restored from.
	 *
	 * @param callable(): void $download
	 */
	public function fetch( string $hash, string $file, callable $download ): void {
		if ( $this->take( $hash, $file ) ) {
			return;
		}
		try {
			$download();
		} catch ( PermanentFailure $e ) {
			Console::say( $e->getMessage() );
			if ( !$this->pull() || !$this->take( $hash, $file ) ) {
				throw $e;
			}
		}
	}

	private function take( string $hash, string $file ): bool {
		$found = $this->find( $hash );
		if ( $found === '' || !copy( $found, $file ) ) {
			return false;
		}
		Console::say( "taking $found" );
		return true;
	}

	/** Copies the backup that the wiki is restored from to the volume, if it is only in the repository. */
	private function pull(): bool {
		$name = (string)getenv( 'MEDIAWIKI_RESTORE_FROM' );
		$repository = Repository::fromEnvironment();
		if ( $repository === null || $name === '' || $name === 'none' ) {
			return false;
		}
		$volume = new BackupVolume( $this->root );
		$lock = $volume->lock();
		( new BackupFinder( $volume, $repository ) )->find( $name === 'latest' ? '' : $name );
		return true;
	}
}
