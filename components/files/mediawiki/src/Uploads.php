<?php
declare( strict_types=1 );

/** A folder of uploaded files. */
class Uploads {
	public const FOLDER = '/var/www/html/images';
	/** Folders that MediaWiki fills again, and unfinished uploads. */
	private const NOT_KEPT = [ 'thumb', 'temp', 'lockdir', 'lost+found' ];

	public function __construct( public readonly string $folder = self::FOLDER ) {
	}

	/**
	 * Copies all files into the folder "uploads" of $backup, and writes their checksums into uploads.sha256. A file that has not
	 * changed since the previous backup becomes a hard link to its copy there, if that still has its checksum. Otherwise the file is
	 * copied again, and the backups that link to the damaged copy are repaired.
	 *
	 * @param Archive[] $others the other backups, newest first
	 * @return array{files: int, bytes: int}
	 */
	public function copyTo( string $backup, array $others ): array {
		Console::say( 'copying uploads' );
		[ $last, $known ] = self::newestList( $others );
		$lines = '';
		$damaged = [];
		$count = [ 'files' => 0, 'bytes' => 0 ];
		foreach ( $this->files() as $file ) {
			$name = $this->name( $file );
			$copy = "$backup/$name";
			if ( !is_dir( dirname( $copy ) ) && !@mkdir( dirname( $copy ), recursive: true ) ) {
				throw new PermanentFailure( "$name: " . Console::lastError() );
			}
			$isKnown = isset( $known[$name] ) && self::areAlike( "$last->path/$name", $file->getPathname() );
			$isWhole = $isKnown && Archive::sum( "$last->path/$name" ) === $known[$name];
			if ( $isWhole && @link( "$last->path/$name", $copy ) ) {
				$sum = $known[$name];
			} else {
				$sum = self::copy( $file->getPathname(), $copy ) ? Archive::sum( $copy ) : false;
			}
			clearstatcache();
			if ( $sum === false && !file_exists( $file->getPathname() ) ) {
				continue; // MediaWiki has moved it; files() finds it again where it is now
			}
			if ( $sum === false ) {
				throw new PermanentFailure( "$name: " . Console::lastError() );
			}
			if ( $isKnown && !$isWhole ) {
				$damaged[$name] = $sum;
			}
			$lines .= Archive::uploadLine( $name, $sum );
			$count['files']++;
			$count['bytes'] += filesize( $copy );
		}
		if ( @file_put_contents( "$backup/" . Archive::UPLOADS, $lines ) !== strlen( $lines ) ) {
			throw new PermanentFailure( Archive::UPLOADS . ': ' . Console::lastError() );
		}
		self::repair( $backup, $damaged, $others );
		return $count;
	}

	/**
	 * @param Archive[] $backups newest first
	 * @return array{?Archive, array<string, string>} the newest that has a list of its uploads, and the list
	 */
	private static function newestList( array $backups ): array {
		foreach ( $backups as $backup ) {
			try {
				return [ $backup, $backup->uploads() ];
			} catch ( DamagedBackup ) {
				continue; // the next one has most of the same files
			}
		}
		return [ null, [] ];
	}

	/**
	 * Repairs damaged copies in other backups, if the wiki still has the same file.
	 *
	 * @param array<string, string> $damaged checksums of the new copies by name
	 * @param Archive[] $others
	 */
	private static function repair( string $backup, array $damaged, array $others ): void {
		if ( !$damaged ) {
			return;
		}
		$names = implode( ', ', array_slice( array_keys( $damaged ), 0, 10 ) ) . ( count( $damaged ) > 10 ? ', …' : '' );
		Console::say( 'damaged in other backups, and copied again from the wiki: ' . count( $damaged ) . " files: $names" );
		foreach ( $others as $other ) {
			$repaired = $other->repair( $damaged, $backup );
			if ( $repaired ) {
				Console::say( "repaired $repaired of them in {$other->name()}" );
			}
		}
	}

	/** Tells whether two files have the same size and time. */
	private static function areAlike( string $file, string $other ): bool {
		$is = @stat( $file );
		$has = @stat( $other );
		return $is && $has && $is['size'] === $has['size'] && $is['mtime'] === $has['mtime'];
	}

	/** Copies a file with its time. */
	private static function copy( string $from, string $to ): bool {
		$time = @filemtime( $from );
		return $time !== false && @copy( $from, $to ) && @touch( $to, $time );
	}

	/**
	 * Returns all files. Those in the folders that MediaWiki moves files to come last, so that a file which is moved meanwhile is
	 * found: it moves to archive when a newer version is uploaded, and to deleted.
	 *
	 * @return iterable<SplFileInfo>
	 * @throws PermanentFailure if a folder cannot be read, instead of leaving its files out
	 */
	public function files(): iterable {
		try {
			yield from $this->walk();
		} catch ( UnexpectedValueException $e ) {
			throw new PermanentFailure( $e->getMessage() );
		}
	}

	/** @return iterable<SplFileInfo> */
	private function walk(): iterable {
		foreach ( [ false, true ] as $moved ) {
			$inside = new RecursiveDirectoryIterator( $this->folder, FilesystemIterator::SKIP_DOTS );
			$kept = new RecursiveCallbackFilterIterator( $inside, static function ( $file, $path, $inside ) use ( $moved ) {
				$name = $file->getFilename();
				return $inside->getSubPath() !== '' || in_array( $name, [ 'archive', 'deleted' ], true ) === $moved
					&& !in_array( $name, self::NOT_KEPT, true ) && $name[0] !== '.';
			} );
			foreach ( new RecursiveIteratorIterator( $kept ) as $file ) {
				if ( is_dir( $file->getPathname() ) ) {
					throw new PermanentFailure( "$file is a symbolic link to a folder, and its files would be lost: replace the link "
						. 'by the folder' );
				}
				if ( is_file( $file->getPathname() ) ) {
					yield $file;
				} elseif ( is_link( $file->getPathname() ) || file_exists( $file->getPathname() ) ) {
					Console::say( "left out: $file is not a file" ); // opening a FIFO would never return
				}
			}
		}
	}

	/** Returns the path of a file in a backup. */
	public function name( SplFileInfo $file ): string {
		return 'uploads' . substr( $file->getPathname(), strlen( $this->folder ) );
	}

	/** Makes the folder contain the uploads of a backup, and nothing else. Files that are the same stay. */
	public function restore( Archive $archive ): void {
		$sums = $archive->uploads();
		Disk::deleteTree( "$this->folder/thumb" );
		foreach ( iterator_to_array( $this->files(), false ) as $file ) {
			$name = $this->name( $file );
			if ( ( $sums[$name] ?? null ) === Archive::sum( $file->getPathname() ) ) {
				unset( $sums[$name] );
			} elseif ( !@unlink( $file->getPathname() ) ) {
				throw new PermanentFailure( Console::lastError() );
			}
		}
		foreach ( $sums as $name => $sum ) {
			$target = $this->folder . substr( $name, strlen( 'uploads' ) );
			if ( !is_dir( dirname( $target ) ) && !@mkdir( dirname( $target ), recursive: true )
				|| !self::copy( "$archive->path/$name", $target )
			) {
				throw new PermanentFailure( "$name: " . Console::lastError() );
			}
			if ( Archive::sum( $target ) !== $sum ) {
				throw new DamagedBackup( "$name: its copy in {$archive->name()} has changed" );
			}
		}
	}

	/** @return string[] names of files that the database has and the folder has not */
	public function missing( mysqli $database ): array {
		$missing = [];
		foreach ( $database->query( 'SELECT img_name FROM image' ) as [ 'img_name' => $name ] ) {
			$hash = md5( $name );
			if ( !is_file( "$this->folder/$hash[0]/" . substr( $hash, 0, 2 ) . "/$name" ) ) {
				$missing[] = $name;
			}
		}
		return $missing;
	}
}
