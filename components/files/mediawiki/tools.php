<?php
// MariaDB's own programs, which are in another image than PHP: tools.sh runs them in a container of the same Pod.
declare( strict_types=1 );
require_once __DIR__ . '/sidecar.php';

class Tools extends Sidecar {
	private const ROWS = '/tmp/rows';
	private const LEFT = '/tmp/left';

	public function __construct() {
		parent::__construct( 'tools' );
	}

	/**
	 * Writes the database into a file, as it is at one moment, but for the notes: they are of the database that a dump is loaded into.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function dump( string $file, array $without = [] ): void {
		$this->ask( 'dump', $file, NOTES, ...$without );
	}

	/** Fails if load() would, without touching a table that there is. */
	public function rehearse( string $file ): void {
		$this->ask( 'rehearse', $file );
	}

	/** Runs what dump() has written; of what an older one has written, only what makes tables and fills them. */
	public function load( string $file ): void {
		$this->ask( 'load', $file );
	}

	/** Fails if a dump's end is not there. */
	public function check( string $file ): void {
		$this->ask( 'check', $file );
	}

	/**
	 * Loads a dump where it does no harm.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public function prove( string $file ): array {
		$this->ask( 'prove', $file, self::ROWS );
		return self::rows( self::ROWS );
	}

	/** Starts a MariaDB that is thrown away, see connectAside(). */
	public function open(): void {
		$this->ask( 'open' );
	}

	public function close(): void {
		$this->ask( 'close' );
	}

	/**
	 * Loads a dump from elsewhere there.
	 *
	 * @return string[] what was left out of it, such as "view v"
	 */
	public function fill( string $dump ): array {
		$this->ask( 'fill', $dump, self::LEFT );
		return file( self::LEFT, FILE_IGNORE_NEW_LINES );
	}

	/**
	 * Writes a file of what is there in the database "wiki", as dump() does.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function keep( string $file, array $without ): void {
		$this->ask( 'keep', $file, NOTES, ...$without );
	}

	/**
	 * Reads and deletes what dump() and keep() write beside a file.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public static function rows( string $file ): array {
		$rows = [];
		foreach ( file( $file, FILE_IGNORE_NEW_LINES ) as $line ) {
			[ $table, $count ] = explode( ' ', $line );
			$rows[$table] = (int)$count;
		}
		unlink( $file );
		ksort( $rows );
		return $rows;
	}
}
