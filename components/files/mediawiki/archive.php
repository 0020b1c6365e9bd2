<?php
// One backup: a folder with database.sql.zst, the folder uploads, uploads.sha256 as sha256sum writes it, and manifest.json. It can be
// read without any program of ours.
declare( strict_types=1 );

class Archive {
	public const ROOT = '/backups';
	/** What an import makes of what it is given, until it is restored. */
	public const IMPORTED = '.part-imported';
	private const FORMAT = 1;

	/** @param array $manifest what manifest.json has */
	private function __construct( public readonly string $path, public readonly array $manifest ) {
	}

	public function __toString(): string {
		$m = $this->manifest;
		$proven = $this->proven();
		return sprintf( '%s: MediaWiki %s, %d pages, %d revisions, %d users, %d files of %.1f MB, a dump of %.1f MB%s',
			$this->name(), $m['mediawiki'] ?: 'of an unknown version', $m['rows']['page'], $m['rows']['revision'], $m['rows']['user'],
			$m['uploads']['files'], $m['uploads']['bytes'] / 1e6, $m['database']['bytes'] / 1e6, $proven ? ", proven $proven" : '' );
	}

	public function name(): string {
		return basename( $this->path );
	}

	/** A backup has a larger number than all that were made before it. Names are times of a clock that may have been wrong. */
	public function number(): int {
		return $this->manifest['number'] ?? 0; // those of earlier versions have none
	}

	/** Tells whether its name is a time to come. */
	public function isFromTheFuture(): bool {
		return isFromTheFuture( $this->name() );
	}

	/** When a drill has last proven it good; empty if none has. */
	public function proven(): string {
		return trim( (string)@file_get_contents( "$this->path/proven" ) );
	}

	/** Notes which backups are named in the future, for the doctor: the clock was wrong when they were made, or is wrong now. */
	public static function noteClock( Notes $notes ): void {
		$wrong = array_filter( self::of( '*' ), static fn ( $a ) => $a->isFromTheFuture() );
		$names = implode( ' ', array_map( static fn ( $a ) => $a->name(), $wrong ) );
		$notes->set( 'future', $names );
		if ( $names !== '' ) {
			say( "named in the future, because the clock was wrong then or is wrong now: $names" );
		}
	}

	/**
	 * Waits until nobody else uses the volume, and keeps others from it for as long as what is returned is there. Deletes what a program
	 * that was killed has left.
	 *
	 * @return resource
	 */
	public static function hold() {
		$held = @fopen( self::ROOT . '/.lock', 'c' );
		if ( !$held ) {
			throw new Refusal( lastError() );
		}
		if ( !flock( $held, LOCK_EX | LOCK_NB ) ) {
			say( 'another backup, drill or restore is at work, waiting for it' );
			flock( $held, LOCK_EX );
		}
		foreach ( glob( self::ROOT . '/.part-*' ) as $left ) {
			say( 'deleting ' . basename( $left ) . ', which was not finished' );
			deleteTree( $left );
		}
		return $held;
	}

	/** @return self[] those that are counted and deleted when there are enough, the newest first */
	public static function all(): array {
		return self::of( '[0-9]*T[0-9]*Z' );
	}

	/**
	 * Finds the backups with such names. A folder without a readable manifest is none, and is left alone.
	 *
	 * @return self[] the one that was made last comes first
	 */
	public static function of( string $pattern ): array {
		$found = [];
		foreach ( glob( self::ROOT . "/$pattern", GLOB_ONLYDIR ) as $path ) {
			try {
				$found[] = self::open( $path );
			} catch ( Refusal $e ) {
				say( "left alone: {$e->getMessage()}" );
			}
		}
		usort( $found, static fn ( $a, $b ) => made( $b->number(), $b->name() ) <=> made( $a->number(), $a->name() ) );
		return $found;
	}

	/** A name for a backup that is made now, with a beginning. A clock that was set back would give one that is taken. */
	public static function freeName( string $kind = '' ): string {
		for ( $time = time(); is_dir( self::ROOT . "/$kind" . gmdate( 'Ymd\THis\Z', $time ) ); $time++ );
		return $kind . gmdate( 'Ymd\THis\Z', $time );
	}

	/** Opens the backup with a name, or without one the newest. */
	public static function named( string $name ): self {
		$all = self::all();
		if ( $name === '' && $all ) {
			return $all[0];
		}
		$path = self::ROOT . '/' . basename( $name );
		if ( $name === '' || !is_dir( $path ) ) {
			$names = array_map( 'basename', glob( self::ROOT . '/*', GLOB_ONLYDIR ) );
			throw new Refusal( "there is no backup $name; there are: " . ( implode( ', ', $names ) ?: 'none' ) );
		}
		return self::open( $path );
	}

	/** Opens a backup without reading more of it than its manifest. */
	public static function open( string $path ): self {
		$text = @file_get_contents( "$path/manifest.json" );
		if ( $text === false ) {
			throw new Refusal( "$path is no backup: it has no manifest.json" );
		}
		$manifest = json_decode( $text, true );
		if ( ( $manifest['format'] ?? null ) !== self::FORMAT ) {
			throw new Refusal( "$path/manifest.json is not of format " . self::FORMAT );
		}
		return new self( $path, $manifest );
	}

	/**
	 * Gives a folder that holds a dump and uploads a manifest, and then a good name.
	 *
	 * @param array $facts what the manifest has besides checksums
	 */
	public static function seal( string $folder, string $name, array $facts ): self {
		$name = self::ROOT . "/$name";
		$last = self::of( '*' )[0] ?? null;
		$manifest = [ 'format' => self::FORMAT, 'number' => 1 + ( $last ? $last->number() : 0 ), 'at' => gmdate( 'c' ) ] + $facts;
		$manifest['checksums'] = [];
		foreach ( [ 'database.sql.zst', 'uploads.sha256' ] as $file ) {
			$manifest['checksums'][$file] = hash_file( 'sha256', "$folder/$file" );
		}
		if ( !writeManifest( $folder, $manifest ) || !sync( $folder ) || !rename( $folder, $name ) || !sync( self::ROOT ) ) {
			throw new Refusal( "$name could not be written: " . lastError() );
		}
		return self::open( $name );
	}

	/** Gives it a larger number than it has. */
	public function renumber( int $number ): self {
		if ( !writeManifest( $this->path, [ 'number' => $number ] + $this->manifest ) ) {
			throw new Refusal( "$this->path/manifest.json could not be written: " . lastError() );
		}
		return self::open( $this->path );
	}

	/**
	 * Reads every byte and compares.
	 *
	 * @throws Refusal if one is missing or not what was written
	 */
	public function check( Tools $tools ): void {
		foreach ( $this->manifest['checksums'] + $this->uploads() as $file => $sum ) {
			if ( @hash_file( 'sha256', "$this->path/$file" ) !== $sum ) {
				throw new Refusal( "$this->path is broken: $file is missing, or not what was written" );
			}
		}
		$tools->check( "$this->path/database.sql.zst" );
	}

	/** @return array<string, string> checksums by path */
	public function uploads(): array {
		$sums = [];
		foreach ( new SplFileObject( "$this->path/uploads.sha256" ) as $line ) {
			if ( $line !== '' ) {
				[ $sum, $file ] = explode( '  ', rtrim( $line, "\n" ), 2 );
				$sums[$file] = $sum;
			}
		}
		return $sums;
	}

	public function delete(): void {
		rename( $this->path, self::ROOT . '/.part-deleted' ); // at once it is no backup any more
		deleteTree( self::ROOT . '/.part-deleted' );
	}
}

/** By what a backup is compared with others: the one that was made later has more. Numbers are the same if it was before there were any. */
function made( int $number, string $name ): array {
	return [ $number, isFromTheFuture( $name ) ? 0 : 1, $name ];
}

function isFromTheFuture( string $name ): bool {
	return substr( $name, -16 ) > gmdate( 'Ymd\THis\Z', time() + 300 );
}

/** Writes a manifest; a kill leaves the one that was there. */
function writeManifest( string $folder, array $manifest ): bool {
	$json = json_encode( $manifest, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR );
	$part = "$folder/manifest.json.part";
	return file_put_contents( $part, "$json\n" ) !== false && sync( $folder ) && rename( $part, "$folder/manifest.json" );
}

/** Deletes a folder with all that is in it. */
function deleteTree( string $folder ): void {
	passthru( 'rm -rf -- ' . escapeshellarg( $folder ) );
}

/** Has the disk take what was written to a folder's file system. */
function sync( string $folder ): bool {
	exec( 'sync -f ' . escapeshellarg( $folder ) . ' 2>&1', $lines, $status );
	return $status === 0;
}
