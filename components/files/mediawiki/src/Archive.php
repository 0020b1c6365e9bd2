<?php
declare( strict_types=1 );

/**
 * One backup: a folder with database.sql.zst, the folder uploads, uploads.sha256 in the format of sha256sum, and manifest.json. No
 * program of ours is needed to read it.
 */
class Archive {
	public const DUMP = 'database.sql.zst';
	/** The list of the uploads with their checksums. */
	public const UPLOADS = 'uploads.sha256';
	private const TIME = 'Ymd\THis\Z';
	/** What sha256sum escapes in the name of a file. A line with such a name begins with a backslash. */
	private const ESCAPES = [ '\\' => '\\\\', "\n" => '\n' ];

	/** @param array $manifest the contents of manifest.json */
	private function __construct( public readonly string $path, public readonly array $manifest ) {
	}

	/**
	 * Opens a backup, and reads its manifest only.
	 *
	 * @throws DamagedBackup if the folder has no whole manifest of a known format
	 */
	public static function open( string $path ): self {
		$name = basename( $path );
		if ( !preg_match( '/^[\w.+-]+$/D', $name ) ) { // it is part of requests to other containers
			throw new DamagedBackup( "the name of the folder \"$name\" has characters other than letters, digits and . _ + -: "
				. 'rename it to restore it' );
		}
		return new self( $path, Manifest::read( $path ) );
	}

	/**
	 * Writes the manifest of a folder with a dump and uploads, and then gives the folder its name. A backup with a name is always
	 * complete.
	 *
	 * @param string $path where the backup will be
	 * @param int $number higher than that of every other backup
	 * @param array $facts what the manifest has besides checksums
	 */
	public static function seal( string $folder, string $path, int $number, array $facts ): self {
		$manifest = [ 'number' => $number, 'at' => gmdate( 'c' ) ] + $facts;
		$manifest['checksums'] = [];
		foreach ( [ self::DUMP, self::UPLOADS ] as $file ) {
			$manifest['checksums'][$file] = hash_file( 'sha256', "$folder/$file" );
		}
		if ( !Manifest::write( $folder, $manifest ) || !Disk::sync( $folder ) || !@rename( $folder, $path )
			|| !Disk::sync( dirname( $path ) )
		) {
			throw new PermanentFailure( "cannot write $path: " . Console::lastError() );
		}
		return self::open( $path );
	}

	/** Gives the backup another number. */
	public function renumber( int $number ): self {
		if ( !Manifest::write( $this->path, [ 'number' => $number ] + $this->manifest ) ) {
			throw new PermanentFailure( "cannot write $this->path/manifest.json: " . Console::lastError() );
		}
		return self::open( $this->path );
	}

	public function __toString(): string {
		$m = $this->manifest;
		$proven = $this->proven();
		return sprintf( '%s: MediaWiki %s, %d pages, %d revisions, %d users, %d files of %.1f MB, a dump of %.1f MB%s',
			$this->name() === BackupVolume::IMPORTED ? 'the import' : $this->name(),
			$m['mediawiki'] ?: 'of an unknown version', $m['rows']['page'], $m['rows']['revision'], $m['rows']['user'],
			$m['uploads']['files'], $m['uploads']['bytes'] / 1e6, $m['database']['bytes'] / 1e6, $proven ? ", proven $proven" : '' );
	}

	public function name(): string {
		return basename( $this->path );
	}

	/** Returns the backup's number, which is higher than that of all older backups. The name is the time of a clock that may be wrong. */
	public function number(): int {
		return $this->manifest['number'] ?? 0; // earlier versions wrote none
	}

	/** Returns when a drill last restored it; "" if none has. */
	public function proven(): string {
		return trim( (string)Manifest::text( "$this->path/proven" ) );
	}

	public function isFromTheFuture(): bool {
		return self::isTimeToCome( $this->name() );
	}

	/** Returns a sort key: the backup that was made last has the highest. Backups without a number are sorted by name. */
	public static function age( int $number, string $name ): array {
		return [ $number, self::isTimeToCome( $name ) ? 0 : 1, $name ];
	}

	/** Returns the name of a backup that is made at a time. */
	public static function nameFor( int $time ): string {
		return gmdate( self::TIME, $time );
	}

	/** Tells whether a name ends as those of backups do. */
	public static function isName( string $name ): bool {
		return preg_match( '/\d{8}T\d{6}Z$/D', $name ) === 1;
	}

	/** Tells whether a name ends with a time more than five minutes from now. */
	private static function isTimeToCome( string $name ): bool {
		return substr( $name, -16 ) > self::nameFor( time() + 300 );
	}

	/**
	 * Compares every byte with the checksums. It notes in the folder that the backup is damaged, for damage().
	 *
	 * @throws DamagedBackup if a file is missing, unreadable or has changed
	 */
	public function check(): void {
		try {
			foreach ( [ self::DUMP => $this->manifest['checksums'][self::DUMP] ] + $this->uploads() as $file => $sum ) {
				if ( self::sum( "$this->path/$file" ) !== $sum ) {
					throw $this->damaged( "$file is missing, unreadable or has changed" );
				}
			}
			@unlink( "$this->path/damaged" );
		} catch ( DamagedBackup $e ) {
			@file_put_contents( "$this->path/damaged", $e->getMessage() );
			throw $e;
		}
	}

	/** Returns why the backup is damaged, as far as this is known without reading all of it; "" if no damage is known. */
	public function damage(): string {
		$found = trim( (string)Manifest::text( "$this->path/damaged" ) );
		if ( $found === '' && @filesize( "$this->path/" . self::DUMP ) !== $this->manifest['database']['bytes'] ) {
			$found = $this->damaged( self::DUMP . ' is missing or incomplete' )->getMessage();
		}
		try {
			$this->uploads();
		} catch ( DamagedBackup $e ) {
			$found = $found ?: $e->getMessage();
		}
		return $found;
	}

	private function damaged( string $reason ): DamagedBackup {
		return new DamagedBackup( "{$this->name()} is damaged: $reason" );
	}

	/** Returns the checksum of a file; false if it cannot be read. */
	public static function sum( string $file ): string|false {
		return is_file( $file ) ? @hash_file( 'sha256', $file ) : false;
	}

	/**
	 * @return array<string, string> checksums by path
	 * @throws DamagedBackup if the list does not have the checksum in the manifest, or leads out of the backup
	 */
	public function uploads(): array {
		$text = Manifest::text( "$this->path/" . self::UPLOADS );
		if ( $text === false || hash( 'sha256', $text ) !== $this->manifest['checksums'][self::UPLOADS] ) {
			throw $this->damaged( self::UPLOADS . ' is missing, unreadable or has changed' );
		}
		$sums = [];
		foreach ( explode( "\n", $text ) as $line ) {
			if ( $line === '' ) {
				continue;
			}
			if ( !preg_match( '~^(\\\\?)([0-9a-f]{64})  (uploads(?:/(?!\.\.?(?:/|$))[^/]+)+)$~D', $line, $found ) ) {
				throw $this->damaged( self::UPLOADS . ' has a line that does not name an upload: ' . substr( $line, 0, 200 ) );
			}
			$sums[$found[1] === '' ? $found[3] : strtr( $found[3], array_flip( self::ESCAPES ) )] = $found[2];
		}
		return $sums;
	}

	/**
	 * Replaces damaged uploads by links to copies that have their checksums, and returns how many.
	 *
	 * @param array<string, string> $copies checksums by path in $folder
	 */
	public function repair( array $copies, string $folder ): int {
		try {
			$wanted = array_intersect_assoc( $copies, $this->uploads() );
		} catch ( DamagedBackup ) {
			return 0;
		}
		$repaired = 0;
		foreach ( $wanted as $name => $sum ) {
			$file = "$this->path/$name";
			if ( self::sum( $file ) !== $sum && @link( "$folder/$name", "$file.part" ) && @rename( "$file.part", $file ) ) {
				$repaired++;
			}
		}
		if ( $repaired ) {
			@unlink( "$this->path/damaged" ); // a drill or a restore finds out whether more is damaged
		}
		return $repaired;
	}

	/** Returns the line of the list of uploads for a file. */
	public static function uploadLine( string $name, string $sum ): string {
		$escaped = strtr( $name, self::ESCAPES );
		return ( $escaped === $name ? '' : '\\' ) . "$sum  $escaped\n";
	}

	/**
	 * Returns the given backups that belong to the same wiki as this one. Only these are deleted when there are enough: the backups of a
	 * new wiki must not replace those of one that was lost.
	 *
	 * @param self[] $backups
	 * @return self[] in the same order
	 */
	public function ofTheSameWiki( array $backups ): array {
		return array_values( array_filter( $backups, fn ( $other ) => $other->manifest['wiki'] === $this->manifest['wiki'] ) );
	}

	/**
	 * Deletes the backup, and tells whether that succeeded. It renames the folder first, so that nobody uses the rest if the deletion
	 * is killed.
	 */
	public function delete(): bool {
		$deleted = dirname( $this->path ) . "/.part-deleted-{$this->name()}";
		return @rename( $this->path, $deleted ) && Disk::deleteTree( $deleted );
	}
}
