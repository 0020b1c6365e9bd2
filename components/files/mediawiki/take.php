<?php
// Takes a backup: the database, the uploads and a manifest, in a folder on the volume for backups. People edit meanwhile. The folder has
// a good name when all of it is there and on the disk, and never before. A file that the backup before has too is there once.
declare( strict_types=1 );

const UPLOADS = '/var/www/html/images';
// Tables that fill themselves; sessions are among what is in the first.
const CACHES = [ 'objectcache', 'l10n_cache' ];
// Folders of uploads that are made again when they are asked for, or are under way.
const NOT_KEPT = [ 'thumb', 'temp', 'lockdir', 'lost+found' ];

/**
 * @param string $kind beginning of its name; empty for those that are counted and deleted when there are enough
 */
function take( mysqli $database, string $kind = '' ): Archive {
	$part = Archive::ROOT . '/.part-backup';
	deleteTree( $part ); // of one that was killed
	if ( !@mkdir( "$part/uploads", recursive: true ) ) {
		throw new Refusal( lastError() );
	}
	try {
		$facts = dumpDatabase( $database, "$part/database.sql.zst" );
		// After the database: a file without a row does no harm, a row without a file does.
		$facts['uploads'] = copyUploads( UPLOADS, $part, Archive::all()[0] ?? null );
		return Archive::seal( $part, Archive::freeName( $kind ), $facts );
	} catch ( Throwable $e ) {
		deleteTree( $part );
		throw $e;
	}
}

/** Writes the dump, and returns what is known of it. */
function dumpDatabase( mysqli $database, string $file ): array {
	$notes = new Notes( $database );
	if ( !hasTable( $database, NOTES ) || $notes->get( 'state' ) !== 'installed' || !$notes->get( 'schema' ) ) {
		throw new Refusal( 'the database holds no wiki, or one that is being upgraded' );
	}
	say( 'dumping the database' );
	if ( $others = notDumped( $database ) ) {
		say( "not in the dump, because MediaWiki has none: $others" );
	}
	( new Tools() )->dump( $file, CACHES );
	holds( $database );
	return [
		'wiki' => $notes->get( 'wiki' ), 'schema' => $notes->get( 'schema' ), 'namespaces' => Namespaces::noted( $notes ),
		'mediawiki' => strtok( $notes->get( 'schema' ), ' ' ), 'mariadb' => $database->server_info,
		'database' => [ 'bytes' => filesize( $file ) ], 'rows' => Tools::rows( "$file.rows" ),
	];
}

/**
 * Copies a folder of uploads, or links those that the backup before has.
 *
 * @return array{files: int, bytes: int}
 */
function copyUploads( string $from, string $part, ?Archive $last ): array {
	say( 'copying uploads' );
	$known = $last?->uploads() ?? [];
	$list = fopen( "$part/uploads.sha256", 'w' );
	$count = [ 'files' => 0, 'bytes' => 0 ];
	foreach ( uploads( $from ) as $file ) {
		$name = uploadName( $from, $file );
		if ( !is_dir( dirname( "$part/$name" ) ) ) {
			mkdir( dirname( "$part/$name" ), recursive: true );
		}
		$before = $last && isset( $known[$name] ) ? @stat( "$last->path/$name" ) : false;
		if ( $before && $before['size'] === $file->getSize() && $before['mtime'] === $file->getMTime() ) {
			$copied = link( "$last->path/$name", "$part/$name" );
			$sum = $known[$name];
		} else {
			$copied = copy( $file->getPathname(), "$part/$name" ) && touch( "$part/$name", $file->getMTime() );
			$sum = $copied ? hash_file( 'sha256', "$part/$name" ) : '';
		}
		if ( !$copied && !file_exists( $file->getPathname() ) ) {
			continue; // moved meanwhile
		}
		if ( !$copied || fwrite( $list, "$sum  $name\n" ) === false ) {
			throw new Refusal( "$name: " . lastError() );
		}
		$count['files']++;
		$count['bytes'] += filesize( "$part/$name" );
	}
	if ( !fclose( $list ) ) {
		throw new Refusal( 'uploads.sha256: ' . lastError() );
	}
	return $count;
}

/**
 * The files, and after them those in the folders that files move to: into archive when a newer one comes, into deleted.
 *
 * @return iterable<SplFileInfo>
 */
function uploads( string $folder ): iterable {
	foreach ( [ false, true ] as $moved ) {
		$inside = new RecursiveDirectoryIterator( $folder, FilesystemIterator::SKIP_DOTS );
		$kept = new RecursiveCallbackFilterIterator( $inside, static function ( $file, $path, $inside ) use ( $moved ) {
			$name = $file->getFilename();
			return $inside->getSubPath() !== ''
				|| in_array( $name, [ 'archive', 'deleted' ], true ) === $moved && !in_array( $name, NOT_KEPT, true ) && $name[0] !== '.';
		} );
		foreach ( new RecursiveIteratorIterator( $kept ) as $file ) {
			if ( is_dir( $file->getPathname() ) ) {
				throw new Refusal( "$file is a symbolic link to a folder, whose files would be lost: put the folder there itself" );
			}
			if ( is_file( $file->getPathname() ) ) {
				yield $file;
			} elseif ( is_link( $file->getPathname() ) || file_exists( $file->getPathname() ) ) {
				say( "left out: $file is not a file" ); // to open a FIFO would never end
			}
		}
	}
}

/** Its path in a backup. */
function uploadName( string $folder, SplFileInfo $file ): string {
	return 'uploads' . substr( $file->getPathname(), strlen( $folder ) );
}
