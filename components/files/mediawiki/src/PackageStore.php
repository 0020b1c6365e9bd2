<?php
declare( strict_types=1 );

/**
 * The volume for packages: a folder for each archive, named after the archive's SHA-256, with the archive itself and its files. If the
 * folder has the archive, it is complete. Pods mount the files of the packages of their revision.
 */
class PackageStore {
	/** Bytes. If less than this is free when storing an archive fails, the reason is that the volume is full. */
	private const FULL = 1 << 20;

	public function __construct( private readonly string $root = '/packages' ) {
	}

	/**
	 * Waits until no other program writes to the volume, and locks it until the returned file is closed.
	 *
	 * @return resource
	 */
	public function lock() {
		$lock = @fopen( "$this->root/.lock", 'c' );
		if ( !$lock ) {
			throw new PermanentFailure( 'cannot write to the volume for packages: ' . Console::lastError() );
		}
		flock( $lock, LOCK_EX );
		foreach ( glob( "$this->root/.part-*" ) as $left ) {
			Disk::deleteTree( $left );
		}
		return $lock;
	}

	/** Tells whether there is a whole archive with this hash. A folder without an archive is one that createFolder() has created. */
	public function has( string $hash ): bool {
		return is_file( $this->archive( $hash ) );
	}

	/** Returns the folder with the files of an archive. */
	public function files( string $hash ): string {
		return "$this->root/$hash/files";
	}

	/** Returns the path of an archive. */
	public function archive( string $hash ): string {
		return "$this->root/$hash/archive";
	}

	/** Creates an empty folder for the files of an archive that is not stored. The kubelet, which mounts it, would create it as root. */
	public function createFolder( string $hash ): void {
		if ( !is_dir( $this->files( $hash ) ) ) {
			@mkdir( $this->files( $hash ), recursive: true );
		}
	}

	/**
	 * Stores an archive and its files, or nothing if it is not sound.
	 *
	 * @param callable(string): void $fetch writes the archive to a path
	 * @param callable(string): void $check checks the folder with its files
	 */
	public function add( string $hash, callable $fetch, callable $check ): void {
		$part = "$this->root/.part-$hash";
		Disk::createEmpty( $part );
		try {
			$fetch( "$part/archive" );
			$found = hash_file( 'sha256', "$part/archive" );
			if ( $found !== $hash ) {
				throw new PermanentFailure( "its sha256 is $found, and not $hash: either the file was changed, or packages has the hash of "
					. 'another one' );
			}
			PackageArchive::unpack( "$part/archive", "$part/files" );
			$check( "$part/files" );
			if ( !Disk::sync( $part ) || !Disk::deleteTree( "$this->root/$hash" ) || !@rename( $part, "$this->root/$hash" ) ) {
				throw new PermanentFailure( 'cannot be stored: ' . Console::lastError() );
			}
			Disk::sync( $this->root );
		} catch ( PermanentFailure $e ) {
			if ( disk_free_space( $this->root ) < self::FULL ) {
				throw new PermanentFailure( $e->getMessage() . '. The volume for packages is full: increase packageVolume.size' );
			}
			throw $e;
		} finally {
			Disk::deleteTree( $part );
		}
	}

	/**
	 * Deletes the archives that are not among these.
	 *
	 * @param string[] $kept hashes
	 */
	public function prune( array $kept ): void {
		foreach ( glob( "$this->root/*", GLOB_ONLYDIR ) as $folder ) {
			if ( preg_match( '/^[0-9a-f]{64}$/D', basename( $folder ) ) && !in_array( basename( $folder ), $kept, true ) ) {
				$deleted = "$this->root/.part-deleted"; // renamed first, so that nobody uses the rest if this is killed
				if ( Disk::deleteTree( $deleted ) && @rename( $folder, $deleted ) && Disk::deleteTree( $deleted ) ) {
					Console::say( 'deleted package ' . basename( $folder ) . ', which no revision uses any more' );
				}
			}
		}
	}
}
