<?php
declare( strict_types=1 );

/**
 * Converts a dump from elsewhere into one of this wiki: loads it into a temporary MariaDB, upgrades it there, and dumps it again.
 * Everything that can fail is tried there.
 */
class DumpImport {
	private const SOCKET = '/tmp/scratch/socket';
	private const DATABASE = 'wiki';

	private mysqli $temporary;

	public function __construct( private readonly Wiki $wiki, private readonly DatabaseTools $tools ) {
	}

	/** Writes the file $kept as DatabaseTools::dump() does, from the dump $given, which is compressed by gzip. */
	public function run( string $given, string $kept ): void {
		$this->tools->open();
		try {
			Console::say( 'loading the dump into a temporary database' );
			$left = $this->tools->fill( $given );
			$this->temporary = new mysqli( 'localhost', 'root', '', '', 0, self::SOCKET );
			$this->temporary->query( 'CREATE DATABASE ' . self::DATABASE . ' CHARACTER SET binary' );
			[ $database, $prefix ] = $this->find();
			array_push( $left, ...$this->takeTables( $database, $prefix ) );
			if ( $left ) {
				Console::say( 'left out, because it does not belong to the wiki: ' . implode( ', ', $left ) );
			}
			$this->checkRows();
			$this->checkVersion();
			$this->checkColumns();
			$this->convert();
			$this->upgrade();
			Console::say( 'dumping the temporary database' );
			$this->tools->keep( $kept, BackupWriter::CACHES );
		} finally {
			$this->tools->close();
		}
	}

	/** @return array{string, string} the database that holds the wiki, and the prefix of its tables' names */
	private function find(): array {
		$wikis = $this->rows( "SELECT DISTINCT table_schema, SUBSTR(table_name, 1, LENGTH(table_name) - 9)
			FROM information_schema.tables WHERE table_name LIKE '%updatelog'" );
		if ( !$wikis ) {
			throw new PermanentFailure( 'it contains no wiki: there is no table "updatelog", with or without a prefix' );
		}
		if ( count( $wikis ) > 1 ) {
			throw new PermanentFailure( 'it contains more than one wiki: '
				. implode( ', ', array_map( static fn ( $wiki ) => "tables \"$wiki[1]…\" of database $wiki[0]", $wikis ) )
				. '. Dump the tables of one of them' );
		}
		return $wikis[0];
	}

	/**
	 * Moves the wiki's tables into a database of their own, under the names that MediaWiki uses.
	 *
	 * Without a prefix, nothing says for certain which tables belong to the wiki. Those that this MediaWiki does not know are taken
	 * for an extension's if they have the wiki's character set, which MediaWiki gives to every table that it creates.
	 *
	 * @return string[] tables that were left out
	 */
	private function takeTables( string $database, string $prefix ): array {
		$tables = array_column( $this->rows( "SELECT table_name, SUBSTRING_INDEX(table_collation, '_', 1) FROM information_schema.tables
			WHERE table_schema = '{$this->temporary->real_escape_string( $database )}'" ), 1, 0 );
		$known = $prefix === '' ? $this->wiki->tables() : [];
		$left = $unknown = [];
		foreach ( $tables as $table => $charset ) {
			$table = (string)$table;
			$name = substr( $table, strlen( $prefix ) );
			if ( !str_starts_with( $table, $prefix ) || $name === Notes::TABLE ) {
				$left[] = "table $table";
				continue;
			}
			if ( $known && !in_array( $name, $known, true ) ) {
				if ( $charset !== ( $tables['page'] ?? '' ) ) {
					$left[] = "table $table";
					continue;
				}
				$unknown[] = $table;
			}
			$this->temporary->query( "RENAME TABLE `$database`.`$table` TO `" . self::DATABASE . "`.`$name`" );
		}
		if ( $unknown ) {
			Console::say( 'imported, although no extension of this image creates them: ' . implode( ', ', $unknown )
				. '. If they do not belong to the wiki, dump it again with --ignore-table' );
		}
		$this->temporary->select_db( self::DATABASE );
		return $left;
	}

	private function checkRows(): void {
		$there = Schema::tables( $this->temporary );
		foreach ( [ 'page', 'revision', 'user' ] as $table ) {
			if ( !in_array( $table, $there, true ) ) {
				throw new PermanentFailure( "the wiki is incomplete: the table \"$table\" is not in it" );
			}
			if ( !$this->rows( "SELECT 1 FROM `$table` LIMIT 1" ) ) {
				throw new PermanentFailure( "its table \"$table\" has no rows: dump again without --no-data, and with all tables" );
			}
		}
	}

	/** Checks that this MediaWiki can upgrade from the version that last updated the wiki. */
	private function checkVersion(): void {
		$versions = [];
		foreach ( $this->rows( "SELECT ul_key FROM updatelog WHERE ul_key LIKE 'updatelist-%'" ) as [ $key ] ) {
			$versions[] = explode( '-', $key )[1];
		}
		usort( $versions, 'version_compare' );
		$this->wiki->checkUpgradeFrom( (string)end( $versions ) );
	}

	/**
	 * Converts all tables to what MediaWiki creates: engine InnoDB, binary columns. With another character set, MariaDB may take
	 * two titles for one (Aa and AA), or be unable to store a title. Tables with a full-text index stay as they are.
	 */
	private function convert(): void {
		$this->temporary->query( "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0" );
		$others = array_column( $this->rows( "SELECT table_name FROM information_schema.tables t
			WHERE table_schema = DATABASE() AND ( engine <> 'InnoDB' OR table_collation <> 'binary' OR EXISTS (
				SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name
					AND character_set_name <> 'binary' ) )
			AND NOT EXISTS ( SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = t.table_schema
				AND s.table_name = t.table_name AND index_type = 'FULLTEXT' )" ), 0 );
		if ( $others ) {
			Console::say( 'converting ' . count( $others ) . ' tables to InnoDB and binary' );
		}
		foreach ( $others as $table ) {
			try {
				$this->temporary->query( "ALTER TABLE `$table` ENGINE = InnoDB, ROW_FORMAT = DEFAULT, CONVERT TO CHARACTER SET binary" );
			} catch ( mysqli_sql_exception $e ) {
				throw new PermanentFailure( "its table \"$table\" cannot be converted to binary: {$e->getMessage()}" );
			}
		}
	}

	/** Runs MediaWiki's updater, and checks that the tables have all columns that this MediaWiki uses and that pages can be rendered. */
	private function upgrade(): void {
		putenv( 'MEDIAWIKI_TEMPORARY_DATABASE=' . self::SOCKET ); // for LocalSettings.php
		try {
			Console::say( 'updating the schema' );
			$this->wiki->update();
			$this->checkSchema();
			PageCheck::run();
		} finally {
			putenv( 'MEDIAWIKI_TEMPORARY_DATABASE' );
		}
	}

	/** Fails if a table of MediaWiki has a column that neither this MediaWiki nor an older one ever had: a newer one has written it. */
	private function checkColumns(): void {
		$there = $this->columns();
		$unknown = [];
		foreach ( $this->wiki->columns() as $table => $columns ) {
			$others = preg_grep( '/^' . strtok( $columns[0], '_' ) . '_/', array_diff( $there[$table] ?? [], $columns ) );
			foreach ( $this->wiki->neverHad( $others ) as $column ) {
				$unknown[] = "$table.$column";
			}
		}
		if ( $unknown ) {
			throw new PermanentFailure( "MediaWiki {$this->wiki->version} and those before it have no "
				. implode( ', ', array_slice( $unknown, 0, 5 ) )
				. ': the wiki was written by a newer one. Set images.mediawiki to its version' );
		}
	}

	/** Checks that the updated tables have all columns that this MediaWiki uses. */
	private function checkSchema(): void {
		$there = $this->columns();
		$missing = [];
		foreach ( $this->wiki->columns() as $table => $columns ) {
			foreach ( array_diff( $columns, $there[$table] ?? [] ) as $column ) {
				$missing[] = "$table.$column";
			}
		}
		if ( $missing ) {
			throw new PermanentFailure( "after its update to MediaWiki {$this->wiki->version} the wiki lacks "
				. implode( ', ', array_slice( $missing, 0, 5 ) )
				. '. Either a newer MediaWiki has written it (set images.mediawiki to its version), or it is a dump of some tables only' );
		}
	}

	/** @return array<string, string[]> columns by table */
	private function columns(): array {
		$columns = [];
		$sql = 'SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()';
		foreach ( $this->rows( $sql ) as $row ) {
			$columns[$row[0]][] = $row[1];
		}
		return $columns;
	}

	/** @return array[] */
	private function rows( string $query ): array {
		return $this->temporary->query( $query )->fetch_all();
	}
}
