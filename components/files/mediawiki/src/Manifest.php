<?php
declare( strict_types=1 );

/** The contents of manifest.json, which describes a backup and has the checksums of its files. */
class Manifest {
	private const FORMAT = 1;
	/** Larger integers are not exact in every program that reads JSON. */
	private const MOST = 2 ** 53;

	/**
	 * Reads the manifest of a folder. The volume may have been written to by others, so nothing in it is taken for granted.
	 *
	 * @return array with all keys that this class checks
	 * @throws DamagedBackup if it is missing, incomplete or of another format
	 */
	public static function read( string $folder ): array {
		$name = basename( $folder );
		$text = self::text( "$folder/manifest.json" );
		if ( $text === false ) {
			throw new DamagedBackup( "$name has no manifest.json that can be read, so it is not a complete backup" );
		}
		$manifest = json_decode( $text, true );
		$format = is_array( $manifest ) ? $manifest['format'] ?? null : null;
		if ( is_int( $format ) && $format > self::FORMAT ) {
			throw new DamagedBackup( "$name is of format $format, and this version reads format " . self::FORMAT
				. ': restore it with the newer version of mediawiki-stack that made it' );
		}
		if ( $format !== self::FORMAT ) {
			throw new DamagedBackup( "$name is damaged: its manifest.json is not a manifest" );
		}
		if ( $wrong = self::wrong( $manifest ) ) {
			throw new DamagedBackup( "$name is damaged: in its manifest.json, \"$wrong\" is missing or not valid" );
		}
		return $manifest;
	}

	/**
	 * Writes the manifest of a folder. If this is killed, the previous manifest stays.
	 *
	 * @param array $facts what the manifest has besides its format
	 */
	public static function write( string $folder, array $facts ): bool {
		$json = json_encode( [ 'format' => self::FORMAT ] + $facts, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR );
		$part = "$folder/manifest.json.part";
		return @file_put_contents( $part, "$json\n" ) !== false && Disk::sync( $folder ) && @rename( $part, "$folder/manifest.json" );
	}

	/** Returns the contents of a file; false if it does not exist or is not a regular file. Opening a FIFO would never return. */
	public static function text( string $file ): string|false {
		return is_file( $file ) ? @file_get_contents( $file ) : false;
	}

	/** Returns the first key that is missing or not valid; null if there is none. */
	private static function wrong( array $m ): ?string {
		$isCount = static fn ( $value ) => is_int( $value ) && $value >= 0 && $value <= self::MOST;
		$isSum = static fn ( $value ) => is_string( $value ) && preg_match( '/^[0-9a-f]{64}$/D', $value ) === 1;
		$rows = is_array( $m['rows'] ?? null ) ? $m['rows'] : [];
		$names = is_array( $m['namespaces'] ?? [] ) ? $m['namespaces'] ?? [] : [ null ];
		$valid = [
			'number' => $isCount( $m['number'] ?? 0 ), // earlier versions wrote none
			'at' => is_string( $m['at'] ?? null ) && strtotime( $m['at'] ) !== false,
			'wiki' => is_string( $m['wiki'] ?? null ) && preg_match( '/^\w+$/D', $m['wiki'] ) === 1,
			'schema' => is_string( $m['schema'] ?? null ),
			'mediawiki' => is_string( $m['mediawiki'] ?? null ),
			'namespaces' => array_filter( $names, 'is_int' ) === $names, // earlier versions wrote no namespaces
			'database' => $isCount( $m['database']['bytes'] ?? null ),
			'rows' => isset( $rows['page'], $rows['revision'], $rows['user'] ) && array_filter( $rows, $isCount ) === $rows
				&& !str_contains( implode( array_keys( $rows ) ), '`' ),
			'packages' => is_array( $m['packages'] ?? [] ) && array_filter( $m['packages'] ?? [], 'is_array' ) === ( $m['packages'] ?? [] ),
			'uploads' => $isCount( $m['uploads']['files'] ?? null ) && $isCount( $m['uploads']['bytes'] ?? null ),
			'checksums' => $isSum( $m['checksums'][Archive::DUMP] ?? null ) && $isSum( $m['checksums'][Archive::UPLOADS] ?? null ),
		];
		return array_search( false, $valid, true ) ?: null;
	}
}
