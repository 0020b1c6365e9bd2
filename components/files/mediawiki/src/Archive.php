<?php
declare( strict_types=1 );

/**
 * One backup: a folder with database.sql.zst, the folder uploads, uploads.sha256 in the format of sha256sum, and manifest.json. No
 * program of ours is needed to read it.
 */
class Archive {
	private const FORMAT = 1;
	private const TIME = 'Ymd\THis\Z';

	/** @param array $manifest the contents of manifest.json */
	private function __construct( public readonly string $path, public readonly array $manifest ) {
	}

	/**
	 * Opens a backup, and reads its manifest only.
	 *
	 * @throws PermanentFailure if the folder has no manifest of a known format
	 */
	public static function open( string $path ): self {
		$text = @file_get_contents( "$path/manifest.json" );
		if ( $text === false ) {
			throw new PermanentFailure( "$path is not a backup: it has no manifest.json" );
		}
		$manifest = json_decode( $text, true );
		if ( ( $manifest['format'] ?? null ) !== self::FORMAT ) {
			throw new PermanentFailure( "$path/manifest.json is not of format " . self::FORMAT );
		}
		return new self( $path, $manifest );
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
		$manifest = [ 'format' => self::FORMAT, 'number' => $number, 'at' => gmdate( 'c' ) ] + $facts;
		$manifest['checksums'] = [];
		foreach ( [ 'database.sql.zst', 'uploads.sha256' ] as $file ) {
			$manifest['checksums'][$file] = hash_file( 'sha256', "$folder/$file" );
		}
		if ( !self::writeManifest( $folder, $manifest ) || !Disk::sync( $folder ) || !rename( $folder, $path )
			|| !Disk::sync( dirname( $path ) )
		) {
			throw new PermanentFailure( "cannot write $path: " . Console::lastError() );
		}
		return self::open( $path );
	}

	/** Gives the backup another number. */
	public function renumber( int $number ): self {
		if ( !self::writeManifest( $this->path, [ 'number' => $number ] + $this->manifest ) ) {
			throw new PermanentFailure( "cannot write $this->path/manifest.json: " . Console::lastError() );
		}
		return self::open( $this->path );
	}

	/** Writes the manifest. If it is killed, the manifest that was there before stays. */
	private static function writeManifest( string $folder, array $manifest ): bool {
		$json = json_encode( $manifest, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR );
		$part = "$folder/manifest.json.part";
		return file_put_contents( $part, "$json\n" ) !== false && Disk::sync( $folder ) && rename( $part, "$folder/manifest.json" );
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
		return trim( (string)@file_get_contents( "$this->path/proven" ) );
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

	/** Tells whether a name ends with a time more than five minutes from now. */
	private static function isTimeToCome( string $name ): bool {
		return substr( $name, -16 ) > self::nameFor( time() + 300 );
	}

	/**
	 * Compares every byte with the checksums.
	 *
	 * @throws PermanentFailure if a file is missing or has changed
	 */
	public function check(): void {
		foreach ( $this->manifest['checksums'] + $this->uploads() as $file => $sum ) {
			if ( @hash_file( 'sha256', "$this->path/$file" ) !== $sum ) {
				throw new PermanentFailure( "$this->path is broken: $file is missing or has changed" );
			}
		}
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

	/**
	 * Returns those of some backups that are of the same wiki as this one. Only these are deleted when there are enough: a new wiki must
	 * not replace the backups of one that was lost.
	 *
	 * @param self[] $backups
	 * @return self[] in the same order
	 */
	public function ofTheSameWiki( array $backups ): array {
		return array_values( array_filter( $backups, fn ( $other ) => $other->manifest['wiki'] === $this->manifest['wiki'] ) );
	}

	/** Deletes the backup. The first step takes its name away, so that nobody uses the rest if the deletion is killed. */
	public function delete(): void {
		$deleted = dirname( $this->path ) . '/.part-deleted';
		rename( $this->path, $deleted );
		Disk::deleteTree( $deleted );
	}
}
