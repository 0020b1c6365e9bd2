<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class VersionTest extends TestCase {
	/** As UpdaterBegins in components/versions.go. */
	private const UPDATER = [ '1.39' => '1.27', '1.40' => '1.29', '1.43' => '1.35' ];

	/** @dataProvider upgrades */
	public function testRefusesWhatCannotBeUpgraded( string $from, string $to, ?string $reason ): void {
		if ( $reason !== null ) {
			$this->expectException( PermanentFailure::class );
			$this->expectExceptionMessage( $reason );
		}
		Version::checkUpgrade( $from, $to, self::UPDATER );
		$this->addToAssertionCount( 1 );
	}

	public function upgrades(): array {
		return [
			'unknown' => [ '', '1.43.9', null ],
			'the same' => [ '1.43.9', '1.43.9', null ],
			'an older release of a series' => [ '1.43.9', '1.43.1', null ],
			'a newer series' => [
				'1.44.0', '1.43.9', 'written by MediaWiki 1.44.0, which 1.43.9 cannot read: set images.mediawiki to 1.44',
			],
			'a series with more digits' => [ '1.100.0', '1.43.9', 'cannot read' ],
			'the oldest that the updater can upgrade' => [ '1.35.0', '1.43.9', null ],
			'one that is too old' => [ '1.34.4', '1.43.9', 'MediaWiki 1.43.9 does not upgrade a wiki of 1.34.4: upgrade to 1.35' ],
			'a series between two in the table' => [ '1.28.3', '1.41.0', 'upgrade to 1.29' ],
			'a series after the last in the table' => [ '1.34.4', '1.99.0', 'upgrade to 1.35' ],
			'a series before the first in the table' => [ '1.5.0', '1.38.0', null ],
			'a release candidate' => [ '1.43.0-rc.1', '1.43.0', null ],
		];
	}

	public function testSeries(): void {
		$this->assertSame( '1.43', Version::series( '1.43.9' ) );
		$this->assertSame( '1.44', Version::series( '1.44.0-rc.1' ) );
		$this->assertSame( '1.44', Version::series( '1.44' ) );
	}
}
