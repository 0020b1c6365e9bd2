<?php
declare( strict_types=1 );

/**
 * Key-value pairs in a table of the wiki's database: which revisions the migration has approved, and what it has begun. A dump leaves the
 * table out, because the notes belong to the database that a dump is loaded into.
 */
class Notes {
	public const TABLE = 'mediawiki_stack';

	/** The prefix of the names of notes on caches, see web/OutdatedCaches.php. The cache's address follows. */
	public const CACHE = 'cache:';

	public function __construct( private readonly mysqli $database ) {
	}

	public function create(): void {
		$this->database->query( 'CREATE TABLE IF NOT EXISTS ' . self::TABLE
			. ' (name VARBINARY(255) PRIMARY KEY, value BLOB NOT NULL, at TIMESTAMP NOT NULL) ENGINE=InnoDB' );
	}

	public function get( string $name ): ?string {
		$sql = 'SELECT value FROM ' . self::TABLE . ' WHERE name = ?';
		return Database::query( $this->database, $sql, [ $name ] )->fetch_column() ?: null;
	}

	public function set( string $name, string $value ): void {
		Database::query( $this->database, 'REPLACE INTO ' . self::TABLE . ' (name, value, at) VALUES (?, ?, NOW())', [ $name, $value ] );
	}

	public function delete( string ...$names ): void {
		foreach ( $names as $name ) {
			Database::query( $this->database, 'DELETE FROM ' . self::TABLE . ' WHERE name = ?', [ $name ] );
		}
	}

	/** @return array<string, int> age in days by name */
	public function ages(): array {
		$sql = 'SELECT name, TIMESTAMPDIFF(DAY, at, NOW()) FROM ' . self::TABLE . ' ORDER BY at DESC, name';
		return array_map( 'intval', array_column( $this->database->query( $sql )->fetch_all(), 1, 0 ) );
	}

	/** Tells whether the migration has approved a revision, and the schema still belongs to the MediaWiki version of that revision. */
	public function isApproved( string $revision ): bool {
		if ( !Database::hasTable( $this->database, self::TABLE ) ) {
			return false;
		}
		$approved = strtok( (string)$this->get( "revision:$revision" ), ' ' );
		return $approved !== false && $approved === strtok( (string)$this->get( 'schema' ), ' ' );
	}
}
