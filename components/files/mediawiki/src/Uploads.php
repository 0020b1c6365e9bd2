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
	 * Copies all files into the folder "uploads" of $backup, and writes their checksums into uploads.sha256. A file that the backup
	 * before has too becomes a hard link to it.
	 *
	 * @return array{files: int, bytes: int}
	 */
	public function copyTo( string $backup, ?Archive $last ): array {
		Console::say( 'copying uploads' );
		$known = $last?->uploads() ?? [];
		$list = fopen( "$backup/uploads.sha256", 'w' );
		$count = [ 'files' => 0, 'bytes' => 0 ];
		foreach ( $this->files() as $file ) {
			$name = $this->name( $file );
			if ( !is_dir( dirname( "$backup/$name" ) ) ) {
				mkdir( dirname( "$backup/$name" ), recursive: true );
			}
			$before = $last && isset( $known[$name] ) ? @stat( "$last->path/$name" ) : false;
			if ( $before && $before['size'] === $file->getSize() && $before['mtime'] === $file->getMTime() ) {
				$copied = link( "$last->path/$name", "$backup/$name" );
				$sum = $known[$name];
			} else {
				$copied = @copy( $file->getPathname(), "$backup/$name" ) && touch( "$backup/$name", $file->getMTime() );
				$sum = $copied ? hash_file( 'sha256', "$backup/$name" ) : '';
			}
			if ( !$copied && !file_exists( $file->getPathname() ) ) {
				continue; // MediaWiki has moved it; files() finds it again where it is now
			}
			if ( !$copied || fwrite( $list, "$sum  $name\n" ) === false ) {
				throw new PermanentFailure( "$name: " . Console::lastError() );
			}
			$count['files']++;
			$count['bytes'] += filesize( "$backup/$name" );
		}
		if ( !fclose( $list ) ) {
			throw new PermanentFailure( 'uploads.sha256: ' . Console::lastError() );
		}
		return $count;
	}

	/**
	 * Returns all files. Those in the folders that MediaWiki moves files to come last, so that a file which is moved meanwhile is
	 * found: it moves to archive when a newer version is uploaded, and to deleted.
	 *
	 * @return iterable<SplFileInfo>
	 */
	public function files(): iterable {
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
			if ( ( $sums[$name] ?? null ) === hash_file( 'sha256', $file->getPathname() ) ) {
				unset( $sums[$name] );
			} else {
				unlink( $file->getPathname() );
			}
		}
		foreach ( $sums as $name => $sum ) {
			$target = $this->folder . substr( $name, strlen( 'uploads' ) );
			if ( !is_dir( dirname( $target ) ) ) {
				mkdir( dirname( $target ), recursive: true );
			}
			if ( !copy( "$archive->path/$name", $target ) || hash_file( 'sha256', $target ) !== $sum ) {
				throw new PermanentFailure( "$name: " . Console::lastError() );
			}
			touch( $target, filemtime( "$archive->path/$name" ) );
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
